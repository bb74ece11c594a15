"""`/api/products/import` and `/api/products/export.csv`: the whole catalogue as a table."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Product, ProductCategory, ProductKind, StockMovement
from app.web.uploads import LARGEST_TABLE
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.databases import refused_by_shape
from tests.factories import make_product, make_service

IMPORT, EXPORT = "/api/products/import", "/api/products/export.csv"

Send = Callable[..., Any]


@pytest.fixture
def send(client: FlaskClient, admin: str) -> Send:
    """Return a function that imports a table, sent as the whole body."""

    def post(table: str | bytes, content_type: str = "text/csv", **query: str) -> Any:
        content = table.encode() if isinstance(table, str) else table
        headers = {"Authorization": f"Bearer {admin}"}
        return client.post(IMPORT, data=content, content_type=content_type, headers=headers, query_string=query)

    return post


def state() -> list[Any]:
    """Return everything that an import may write."""
    found = [
        [tuple(getattr(row, column.key) for column in model.__table__.columns) for row in db.session.query(model)]
        for model in (Product, ProductCategory, StockMovement)
    ]
    db.session.rollback()
    db.session.expire_all()
    return found


def told(answer: Any) -> list[tuple[Any, ...]]:
    """Return line, verdict and the columns complained about of each row."""
    assert answer.status_code == 200, answer.json
    return [(row["line"], row["verdict"], sorted(row["errors"])) for row in answer.json["rows"]]


def test_products_are_made_and_changed(api: Api, send: Send, admin: str) -> None:
    """What is new comes with a heading and a first receipt; of what is there, the columns given are changed."""
    make_product(5, sku="OLD", name="Old", price_amount=100, cost_amount=50)
    answer = send(
        "sku,name,price,category,on_hand,reorder_level,active\n"
        'Soap,"Soap, fine",300,Care,12,3,true\n'
        "old,,150,Care,,,FALSE\n"
    )
    assert told(answer) == [(2, "created", []), (3, "updated", [])]
    counts = {name: answer.json[name] for name in ("created", "updated", "unchanged", "refused")}
    assert counts == {"created": 1, "updated": 1, "unchanged": 0, "refused": 0}
    soap, old = (api.get(f"/api/inventory/{sku}", token=admin).json for sku in ("soap", "old"))
    assert (soap["name"], soap["on_hand"], soap["reorder_level"]) == ("Soap, fine", 12, 3)
    shown = api.get(f"/api/products/{old['product_id']}", token=admin).json
    assert (shown["sku"], shown["name"], shown["price"]["amount"], shown["category"]) == ("old", "Old", 150, "Care")
    assert (shown["cost"]["amount"], shown["on_hand"], shown["active"]) == (50, 5, False)


def test_a_table_comes_back_unchanged(api: Api, send: Send, admin: str) -> None:
    """CSV-01, CSV-02: whatever names hold. What is exported and imported again changes nothing."""
    names = ['=HYPERLINK("http://x")', "+1", "-5", "@me", "'=1", 'a "quoted", one; two', "Café", "'tis"]
    for number, name in enumerate(names):
        category = api.post("/api/products/categories", {"name": f"=c{number}"}, token=admin).json["id"]
        make_product(number, sku=f"-{number}", name=name, description=f"={name}\nmore", category_id=category)
    make_product(kind=ProductKind.PACKAGE, sku="P", cost_amount=0)
    make_product(kind=ProductKind.GIFT_CARD, sku="G", valid_days=30, active=False)
    before = state()
    table = api.get(EXPORT, token=admin)
    assert (table.status_code, table.content_type) == (200, "text/csv; charset=utf-8")
    assert "attachment" in table.headers["Content-Disposition"]
    assert b"'=HYPERLINK" in table.data
    assert b",1200," in table.data
    for dangerous in (b",=", b",+", b",-", b",@", b'"='):
        assert dangerous not in table.data
    answer = send(table.data)
    assert [verdict for _, verdict, _ in told(answer)] == ["unchanged"] * 10
    assert [row["notes"] for row in answer.json["rows"]] == [{}] * 10
    assert state() == before


def test_an_export_makes_a_catalogue(api: Api, send: Send, admin: str) -> None:
    """In an empty house, from a file that other programs have read and written."""
    service = make_service()
    body = {"sku": "P", "name": "Five", "price": {"amount": 900}, "kind": "package"}
    body |= {"package": {"service_id": service.id, "visits": 5, "valid_days": 90}, "cost": {"amount": 1}}
    assert api.post("/api/products", body, token=admin).status_code == 201
    assert api.post("/api/products", {"sku": "S", "name": "S", "price": {"amount": 5}, "on_hand": 3}, token=admin)
    table = api.get(EXPORT, token=admin).data.decode("utf-8-sig").replace("P,", "P2,").replace("\nS,", "\nS2,")
    answer = send(table.replace(",", ";").encode("utf-16"))
    assert [verdict for _, verdict, _ in told(answer)] == ["created", "created"], answer.json
    copies = {one["sku"]: one for one in api.get("/api/products", token=admin).json["items"]}
    for sku in ("P", "S"):
        same = {name: value for name, value in copies[f"{sku}2"].items() if name not in {"id", "sku", "created_at"}}
        assert copies[sku] | same == copies[sku]


def test_a_form(api: Api, admin: str) -> None:
    """The same table as a part of a form."""
    answer = api.post(IMPORT, form={"file": b"sku,name,price\nA,A,1\n"}, token=admin)
    assert told(answer) == [(2, "created", [])]


def test_a_rehearsal(send: Send) -> None:
    """The same verdicts, and nothing is written; then it is."""
    make_product(2, sku="OLD")
    table, before = "sku,name,price,category\nA,A,1,New\nold,Other,,\nB,,,\n", state()
    rehearsed = send(table, dry_run="true")
    assert told(rehearsed) == [(2, "created", []), (3, "updated", []), (4, "refused", ["name", "price"])]
    assert state() == before
    assert (send(table).json, state() == before) == (rehearsed.json, False)
    assert told(send(table))[:2] == [(2, "unchanged", []), (3, "unchanged", [])]


ROWS: list[tuple[str, list[str]]] = [
    ("A,A,,,,,", ["price"]),
    ("A,,1,,,,", ["name"]),
    (",A,1,,,,", ["sku"]),
    ("a/b,A,1,,,,", ["sku"]),
    ("forecast,A,1,,,,", ["sku"]),
    (f"{'x' * 65},A,1,,,,", ["sku"]),
    ("n\0l,A,1,,,,", ["sku"]),
    ("\ufffe,A,1,,,,,", ["line"]),
    ("A,A,-1,,,,", ["price"]),
    ("A,A,1.50,,,,", ["price"]),
    ("A,A,'1,,,,", ["price"]),
    ("A,A,10000000000000000,,,,", ["price"]),
    (f"A,A,{'9' * 30},,,,", ["price"]),
    ("A,A,\u0661,,,,", ["price"]),
    ("A,A,1,x,,,", ["cost"]),
    ("A,A,1,,USD,,", ["currency"]),
    ("A,A,1,,,-1,", ["on_hand"]),
    ("A,A,1,,,many,", ["on_hand"]),
    ("A,A,1,,,1000000001,", ["on_hand"]),
    ("A,A,1,,,,yes", ["active"]),
    ("A,A,x,x,,,x", ["active", "cost", "price"]),
    ("A,nul\0,1,,,,", ["name"]),
    ("A,A,1,,,,,,", ["line"]),
]


@pytest.mark.parametrize(("row", "columns"), ROWS)
def test_bad_lines(send: Send, row: str, columns: list[str]) -> None:
    """Refused by column; the lines around them are good."""
    answer = send(f"sku,name,price,cost,currency,on_hand,active\nB,B,1,,,,\n{row}\nC,C,1,,,,\n")
    assert told(answer) == [(2, "created", []), (3, "refused", columns), (4, "created", [])]
    assert [product.sku for product in db.session.query(Product).order_by(Product.id)] == ["B", "C"]
    db.session.rollback()


@each_case(
    ("row", "columns"),
    [
        ("P,P,1,package,,,,,", ["package_service_id"]),
        ("P,P,1,package,{service},5,,,", ["valid_days"]),
        ("P,P,1,package,{service},0,5,,", ["package_visits"]),
        ("P,P,1,package,999999,5,5,,", ["package_service_id"]),
        ("P,P,1,package,x,5,5,,", ["package_service_id"]),
        ("P,P,1,package,{service},5,5,100,", ["gift_card_value"]),
        ("G,G,1,gift_card,,,,0,", ["gift_card_value"]),
        ("G,G,0,gift_card,,,,,", ["gift_card_value"]),
        ("G,G,1,gift_card,{service},,,,", ["package_service_id"]),
        ("R,R,1,retail,,,,100,", ["gift_card_value"]),
        ("R,R,1,service,,,,,", ["kind"]),
        ("G,G,1,gift_card,,,,,5", ["on_hand"]),
    ],
)
def test_bad_terms(send: Send, row: str, columns: list[str]) -> None:
    """Of a package and a gift card; no heading stays of a line that is refused."""
    header = "sku,name,price,kind,package_service_id,package_visits,valid_days,gift_card_value,on_hand,category\n"
    answer = send(f"{header}{row.format(service=make_service().id)},New\n")
    assert told(answer) == [(2, "refused", columns)], answer.json
    assert state() == [[], [], []]


def test_what_a_product_is_stays(send: Send) -> None:
    """Kind and tracking are chosen once; what stands there already is no change."""
    make_product(sku="A")
    table = "sku,kind,tracked\n{}\n"
    assert told(send(table.format("A,retail,true"))) == [(2, "unchanged", [])]
    before = state()
    assert told(send(table.format("A,gift_card,false"))) == [(2, "refused", ["kind", "tracked"])]
    assert state() == before


def test_stock_is_not_set_by_a_table(send: Send) -> None:
    """That would undo what was sold since the table was made. The answer says so."""
    make_product(5, sku="A")
    before = state()
    answer = send("sku,on_hand,reserved,available\nA,9,9,9\n")
    (row,) = answer.json["rows"]
    assert (row["verdict"], list(row["notes"]), state()) == ("unchanged", ["on_hand"], before)
    assert told(send("sku,on_hand\nA,many\n")) == [(2, "refused", ["on_hand"])]


def test_one_sku_twice(send: Send) -> None:
    """The first line counts, whatever the capitals of the second."""
    answer = send("sku,name,price\na,First,1\nB,B,1\nA,Second,1\n")
    assert told(answer) == [(2, "created", []), (3, "created", []), (4, "refused", ["sku"])]
    assert answer.json["rows"][2]["errors"] == {"sku": ["Line 2 has it already."]}


def test_a_bad_line_has_nothing_already(send: Send) -> None:
    """A line that is refused takes its SKU from no other; nor do lines that name none."""
    make_product(3, sku="OLD", category_id=None, price_amount=5)
    answer = send(
        "sku,name,price,gift_card_value,category\nX,n,abc,,\nX,n,5,,\nX,n,6,,\n,n,5,,\n,n,5,,\n"
        "old,Other,7,100,New\nold,Other,8,,Care\nold,Other,9,,Care\n"
    )
    assert told(answer) == [
        (2, "refused", ["price"]),
        (3, "created", []),
        (4, "refused", ["sku"]),
        (5, "refused", ["sku"]),
        (6, "refused", ["sku"]),
        (7, "refused", ["gift_card_value"]),
        (8, "updated", []),
        (9, "refused", ["sku"]),
    ]
    said = [row["errors"].get("sku") for row in answer.json["rows"]]
    assert (said[2], said[7]) == (["Line 3 has it already."], ["Line 8 has it already."])
    assert said[3] == said[4] != said[2]
    found = {one.sku: one.price_amount for one in db.session.query(Product)}
    assert (found, [one.name for one in db.session.query(ProductCategory)]) == ({"old": 8, "X": 5}, ["Care"])
    db.session.rollback()


@pytest.mark.parametrize("nth", range(3))
def test_two_tables_at_once(app: Flask, admin: str, nth: int) -> None:
    """Both make the same headings, named in opposite orders: one waits for the other, and neither in a circle."""
    size = 60
    tables = [
        "sku,name,price,category\n" + "".join(f"{letter}{n:03},n,1,C{abs(last - n):03}\n" for n in range(size))
        for letter, last in (("a", 0), ("b", size - 1))
    ]
    barrier = Barrier(2)

    def post(table: str) -> Any:
        headers = {"Authorization": f"Bearer {admin}"}
        barrier.wait()
        return app.test_client().post(IMPORT, data=table, content_type="text/csv", headers=headers)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(post, tables))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json["created"] for answer in answers] == [size, size]
    assert db.session.query(ProductCategory).count() == size
    db.session.rollback()


@refused_by_shape
@each_case(
    ("table", "said"),
    [
        (b"", "no first line"),
        (b"name,price\nA,1\n", "no column sku"),
        (b"sku,stock\nA,1\n", "Unknown columns: stock"),
        (b"sku,sku\nA,A\n", "twice"),
        (b'sku,name\n"A,1\n', "no CSV file"),
        ("sku,name\nA,Café\n".encode("latin-1"), "UTF-8"),
        (b"sku\n" + b"A\n" * 1001, "at most 1000 lines"),
        (b"PK\x03\x04\x14\x00\x06\x00", "Unknown columns"),
    ],
)
def test_what_is_no_table(api: Api, send: Send, admin: str, table: bytes, said: str) -> None:
    """422 naming the file, sent either way; nothing is written."""
    for answer in (send(table), api.post(IMPORT, form={"file": table}, token=admin)):
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"]), answer.json
        assert said in answer.json["errors"]["file"][0]
    assert state() == [[], [], []]


def test_what_is_not_sent_as_a_table(api: Api, send: Send, admin: str) -> None:
    """Another type, or too much: 415, 413, sent either way; a form without the file: 422."""
    table = b"sku,name,price\nA,A,1\n"
    for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded", ""):
        assert send(table, content_type).status_code == 415
    assert send(table, "multipart/form-data").status_code == 400
    large = b"sku,description\nA," + b"x" * 1024 * 1024
    assert send(large).status_code == 413
    assert send(large, "multipart/form-data; boundary=xyz").status_code == 413
    missing = api.post(IMPORT, form={"other": b""}, token=admin)
    assert (missing.status_code, sorted(missing.json["errors"])) == (422, ["file", "other"])
    assert state() == [[], [], []]


def in_chunks(client: FlaskClient, admin: str, body: bytes, content_type: str) -> Any:
    """Import a body whose length no header says."""
    environ = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_TYPE": content_type}
    environ |= {"HTTP_AUTHORIZATION": f"Bearer {admin}", "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.open(IMPORT, method="POST", environ_overrides=environ)


@refused_by_shape
def test_a_table_of_unknown_length(client: FlaskClient, admin: str) -> None:
    """To the byte as large as one whose length is said; one that is larger is refused, and never cut off: half a
    price would be another price."""
    head, line = b"sku,name,price\nA,", b",120000\n"
    full = head + b"n" * 200 + line
    full += b"\n" * (LARGEST_TABLE - len(full))
    cut = full.rstrip() + b"\n" * (LARGEST_TABLE - len(full.rstrip()) - 4) + b"B,n,120000\n"
    for table in (cut, full + b"\n", full + b"B,n,1\n"):
        answer = in_chunks(client, admin, table, "text/csv")
        assert (answer.status_code, state()) == (413, [[], [], []])
    assert told(in_chunks(client, admin, full, "text/csv")) == [(2, "created", [])]


@refused_by_shape
def test_a_form_of_unknown_length(client: FlaskClient, admin: str) -> None:
    """The bound is the whole form's, to the byte."""
    begin = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nsku,name,price\nA,A,1'
    end = b"\r\n--xyz--\r\n"
    content = begin + b"\n" * (LARGEST_TABLE - len(begin) - len(end))
    form = "multipart/form-data; boundary=xyz"
    for more in (b"\n", b"\n" * 300_000):
        answer = in_chunks(client, admin, content + more + end, form)
        assert (answer.status_code, state()) == (413, [[], [], []])
    assert in_chunks(client, admin, content + end + b" ", form).status_code == 413
    assert told(in_chunks(client, admin, content + end, form)) == [(2, "created", [])]


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "utf-16"])
def test_a_table_that_says_its_alphabet(send: Send, charset: str) -> None:
    """UTF-8; or UTF-16, which begins with its mark."""
    table = "sku,name,price\nA,Café,1\n".encode("utf-16" if "16" in charset else "utf-8")
    assert told(send(table, f"text/csv; charset={charset}")) == [(2, "created", [])]


@each_case("charset", ["iso-8859-1", "windows-1252", "x"])
def test_a_table_in_another_alphabet(client: FlaskClient, send: Send, admin: str, charset: str) -> None:
    """Refused, never guessed: though this is UTF-8 as well, it would be read as other letters."""
    table, content_type = "sku,name,price\nA,Ã©,1\n".encode(), f"text/csv; charset={charset}"
    form = {"file": (BytesIO(table), "a.csv", content_type)}
    headers = {"Authorization": f"Bearer {admin}"}
    answers: list[Any] = [send(table, content_type), client.post(IMPORT, data=form, headers=headers)]
    for answer in answers:
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])
    assert state() == [[], [], []]


def test_a_large_table(api: Api, send: Send, admin: str, count_statements: CountStatements) -> None:
    """The most lines at once; told again, nothing is written, in few statements for each."""
    table = "sku,name,price,category,on_hand\n" + "".join(f"S{n},Product {n},{n},C{n % 9},1\n" for n in range(1000))
    assert send(table).json["created"] == 1000
    with count_statements() as seen:
        assert send(table).json["unchanged"] == 1000
    assert len(seen) < 20
    assert api.get(EXPORT, token=admin).data.count(b"\n") == 1001
