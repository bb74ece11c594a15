"""How often callers may ask."""

from dataclasses import dataclass, field

from app.settings.checks import is_limit, is_redis_address
from app.settings.environment import Environment


@dataclass(frozen=True, slots=True)
class Limits:
    """How often callers may ask, as `count/period`; counted in Redis where there is one, else in this process."""

    enabled: bool
    redis_url: str | None = field(repr=False)
    sign_in: str
    caller: str


def read_limits(env: Environment) -> Limits:
    """Return the limits of RATELIMIT_…, and where they are counted."""
    return Limits(
        enabled=env.bool("RATELIMIT_ENABLED", default=True),
        redis_url=env.str("REDIS_URL", None, validate=is_redis_address),
        sign_in=env.str("RATELIMIT_SIGN_IN", "10/minute", validate=is_limit),
        caller=env.str("RATELIMIT_CALLER", "600/minute", validate=is_limit),
    )
