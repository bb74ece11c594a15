"""What the JSON gate lets through, and how it refuses everything else."""

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.kit.errors import Invalid
from app.web.json_gate import InvalidJson, parse_object
from tests.cases import each_case

JSON = "application/json"
PATH = "/api/things"


@each_case(
    "body",
    [
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"{",
        b'{"a":1',
        b'{"a":1}x',
        b"   ",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":01}',
        b'{"a":1,}',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"\\u0062":2}}',
        b'{"a":"\\ud800","a":1}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\x00"}',
        b'{"a":' + b"[" * 20 + b"]" * 20 + b"}",
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"[" * 100_000,
    ],
)
def test_what_is_not_one_well_formed_object_is_refused(body: bytes, client: FlaskClient) -> None:
    answer = client.post(PATH, data=body, content_type=JSON)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "invalid_json"


@each_case(
    ("body", "field"),
    [
        (b'{"a":"x\\u0000"}', "a"),
        (b'{"a":{"b":["x","\\u0000"]}}', "a.b.1"),
        (b'{"a\\u0000":1}', "a\\x00"),
        (b'{"a":"\\ud800"}', "a"),
        (b'{"a":[{"b":"\\udc00x"}]}', "a.0.b"),
        (b'{"\\ud800":1}', "\\ud800"),
    ],
)
def test_nul_and_half_surrogates_are_blamed_on_their_field(body: bytes, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_object(body)
    assert list(refusal.value.errors) == [field]


@each_case(
    ("body", "parsed"),
    [
        (b"{}", {}),
        (b' {"a" : 1} ', {"a": 1}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"b\\":c\\":"}', {"a": 'b":c":'}),
        (b'{"a":' + b"9" * 400 + b"}", {"a": int("9" * 40)}),
        (b'{"a":' + b"[" * 19 + b"]" * 19 + b"}", None),
    ],
)
def test_what_is_well_formed_passes(body: bytes, parsed: Any) -> None:
    found = parse_object(body)
    assert parsed is None or found == parsed


@each_case("number", ["9" * 19, "9" * 25, "-" + "9" * 25, "9" * 400, "-" + "9" * 5000, "1.0", "1e3"])
def test_a_number_that_is_no_whole_one_of_64_bits_is_the_fields_error(number: str, client: FlaskClient) -> None:
    body = f'{{"name":"x","count":{number}}}'
    answer = client.post(PATH, data=body, content_type=JSON)
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]) == ["count"]


@each_case(
    ("content_type", "status"),
    [
        (JSON, 201),
        ("application/json; charset=utf-8", 201),
        ("application/json;charset=UTF8", 201),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/merge-patch+json", 415),
        (None, 415),
    ],
)
def test_a_body_must_say_that_it_is_json(content_type: str | None, status: int, client: FlaskClient) -> None:
    assert client.post(PATH, data=b'{"name":"x"}', content_type=content_type).status_code == status


def test_an_encoded_body_is_refused(client: FlaskClient) -> None:
    headers = {"Content-Encoding": "gzip"}
    assert client.post(PATH, data=b"{}", content_type=JSON, headers=headers).status_code == 415


def test_an_empty_body_is_an_empty_object_whatever_its_type(client: FlaskClient) -> None:
    assert client.delete("/api/things/1").status_code == 204
    answer = client.post(PATH)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"] == {"name": ["Missing data for required field."]}


@pytest.mark.parametrize("path", ["/nowhere", "/api/things/1"])
def test_where_no_route_takes_the_body_that_is_said_first(path: str, client: FlaskClient) -> None:
    assert client.post(path, data=b"nonsense").status_code in {404, 405}


def test_a_body_over_one_mebibyte_is_refused_by_its_announced_length(client: FlaskClient) -> None:
    answer = client.post(PATH, data=b" " * (1024 * 1024 + 1), content_type=JSON)
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["code"] == "body_too_large"


def test_a_chunked_body_over_one_mebibyte_is_refused_while_it_is_read(client: FlaskClient) -> None:
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    stream = BytesIO(b" " * (1024 * 1024 + 1))
    answer = client.post(PATH, input_stream=stream, content_type=JSON, environ_overrides=environ)
    assert answer.status_code == 413


@pytest.mark.parametrize("query", ["q=a%00b", "q=%ff", "q=%ed%a0%80", "x=1&q=%00"])
def test_a_query_with_nul_or_broken_utf8_names_its_field(query: str, client: FlaskClient) -> None:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]) == ["q"]


def test_a_duplicate_deep_inside_is_found() -> None:
    with pytest.raises(InvalidJson):
        parse_object(b'{"a":[{"b":{"c":1,"d":2,"c":3}}]}')
