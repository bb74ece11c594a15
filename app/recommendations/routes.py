"""`/api/recommendations`: what a client may need next, and why."""

from typing import Any

from app.kit.errors import NotFound
from app.models import CuratedLink, Role
from app.recommendations import links, opting_out
from app.recommendations.errors import AlreadyLinked
from app.recommendations.schemas import (
    AdviceOut,
    AdviceQuery,
    ChoiceIn,
    ChoiceOut,
    LinkChangesIn,
    LinkIn,
    LinkOut,
    LinksQuery,
)
from app.recommendations.service import recommend
from app.recommendations.showing import shown, shown_links
from app.recommendations.things import Thing
from app.security.guards import current_actor, roles, signed_in
from app.transactions import transactional
from app.users.service import require_visible
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("recommendations", __name__, url_prefix="/api/recommendations")
wishes = Blueprint(
    "recommendation_preferences", __name__, url_prefix="/api/users", description="Whether you want recommendations."
)

SORTS = {"position": CuratedLink.position, "created_at": CuratedLink.created_at}


@blueprint.get("/me")
@signed_in
@blueprint.arguments(AdviceQuery, location="query")
@blueprint.response(200, AdviceOut)
def read_mine(query: dict[str, Any]) -> Any:
    """Read what you may need next: services, products, and why each.

    First what you are due for, then what the business recommends with what you have, then what clients like you take,
    then what is popular. Only what can be booked or bought, and neither what you have booked already nor just bought.
    """
    client_id = current_actor().id
    return shown(client_id, recommend(client_id, query["limit"]))


@blueprint.get("/client/<id:client_id>")
@signed_in
@blueprint.arguments(AdviceQuery, location="query")
@blueprint.response(200, AdviceOut)
def read(query: dict[str, Any], client_id: int) -> Any:
    """Read what a client may need next: your own, staff those of clients, admins all."""
    require_visible(current_actor(), client_id)
    return shown(client_id, recommend(client_id, query["limit"]))


@blueprint.get("/links")
@roles(Role.ADMIN)
@blueprint.arguments(LinksQuery, location="query")
@blueprint.response(200, list_of(LinkOut))
def list_links(query: dict[str, Any]) -> Any:
    """List what the business links itself."""
    page = paginate(links.list_links(), SORTS, query)
    return page | {"items": shown_links(page["items"])}


@blueprint.post("/links")
@roles(Role.ADMIN)
@blueprint.arguments(LinkIn)
@transactional
@blueprint.response(201, LinkOut)
@blueprint.refuses(NotFound, AlreadyLinked)
def create_link(fields: dict[str, Any]) -> Any:
    """Link two services or products: whoever has the first is told of the second, from now on."""
    source, target = Thing(**fields["source"]), Thing(**fields["target"])
    link = links.create_link(current_actor().id, source, target, fields["position"])
    return created(shown_links([link])[0], f"/api/recommendations/links/{link.id}")


@blueprint.get("/links/<id:link_id>")
@roles(Role.ADMIN)
@blueprint.response(200, LinkOut)
def read_link(link_id: int) -> Any:
    """Read one link."""
    return shown_links([links.get_link(link_id)])[0]


@blueprint.patch("/links/<id:link_id>")
@roles(Role.ADMIN)
@blueprint.arguments(LinkChangesIn)
@transactional
@blueprint.response(200, LinkOut)
def change_link(fields: dict[str, Any], link_id: int) -> Any:
    """Put a link in another place."""
    return shown_links([links.change_link(current_actor().id, link_id, fields)])[0]


@blueprint.delete("/links/<id:link_id>")
@roles(Role.ADMIN)
@transactional
@blueprint.response(204)
def delete_link(link_id: int) -> None:
    """Remove a link."""
    links.delete_link(current_actor().id, link_id)


@wishes.get("/me/recommendation-preferences")
@signed_in
@wishes.response(200, ChoiceOut)
def read_choice() -> Any:
    """Read whether you get recommendations."""
    return {"enabled": opting_out.wants_recommendations(current_actor().id)}


@wishes.patch("/me/recommendation-preferences")
@signed_in
@wishes.arguments(ChoiceIn)
@transactional
@wishes.response(200, ChoiceOut)
def change_choice(fields: dict[str, Any]) -> Any:
    """Switch recommendations on or off.

    Off, what was worked out for you is removed at once, and what you take teaches nothing about others any more.
    """
    opting_out.choose_recommendations(current_actor().id, wanted=fields["enabled"])
    return fields
