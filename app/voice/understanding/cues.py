"""The words by which an intent is known, as patterns over plain text."""


def words(*listed: str) -> str:
    """Return the pattern of any of the words or groups of words, which may themselves be patterns."""
    return rf"\b(?:{'|'.join(listed)})\b"


NOTHING = r"(?!)"
"""Never found."""
NOT = r"(?:no longer|not|isn't|isnt|aren't|won't|wont|don't|dont|never)"
NEED = r"(?:need|require|want|necessary|gonna need|going to need)\w*"
THANKS = r"^\W*(?:no\W+)?(?:thanks?|thank you)\b"
BOOKING = words(
    *("bookings?", "reservations?", "reserved", r"appoi\w+", "tables?", "slots?", "sessions?", "meetings?", "visits?"),
    *("stay", "haircut", "massage"),
)
CANCEL = words(
    *(
        r"cancel\w*",
        "unreserve",
        "annul",
        "undo",
        "scrap",
        "revoke",
        "call(?:ing)? off",
        "get rid of",
        "abort",
        "delete",
    ),
    *("remove", "close", "end", "rescind", "erase", "back out of"),
)
CODE = r"[a-z]{2}-[a-z0-9]{4,12}"
"""The number of a booking."""
CANCEL_ALONE = (
    r"^\W*(?:\w+\W+){0,6}cancel"
    r"(?: (?:it|that|this|them|all|both|everything|one|for me|please|now|sorry|today|tomorrow|tonight|thanks)|,)*\W*$"
)
CANCEL_ALL = rf"\bcancel(?:ling)? (?:everything|all|them|both|{CODE})\b"
NOT_CANCEL = rf"\b{NOT} (?:(?:want|wish|need|going|mean|have|able|planning) )?(?:to )?(?:please )?cancel"
KEPT = rf"^(?!.*cancel.*cancel).*{NOT_CANCEL}"
"""That nothing is to be cancelled: not so in "cancel the facial, don't cancel the pedicure"."""
UNWANTED = (
    rf"\b{NOT} (?:\w+ )?{NEED} (?!(?:an?|any|some) (?!.*(?:any ?more|any longer|after all)))(?!to )"
    rf"(?:[\w']+ ){{0,4}}?{BOOKING}"
)
"""What somebody has and does not want: "I don't want a massage" speaks of none that is booked."""
ANOTHER_WISH = (
    r"(?<!t )(?<!not )(?<!longer )(?<!t really )\b(?:i|we) (?:just |only |rather )?(?:want|need)\b"
    r"|\bi'?d (?:like|prefer|rather)|\bwould (?:like|prefer|rather)\b"
    rf"|\b(?:instead|give me|let's|make it|how about|what about|rather)\b|{words('book', 'reserve', 'schedule')}"
)
"""That something else is wanted in the same sentence: then nothing is cancelled, it is only left out."""
MOVE_IT = (
    r"\b(?:move|change|shift|switch|push|bring|swap) (?:it|that|this|that one|this one|the time|the day)"
    r"\b(?: (?:back|forward|over|up))?"
)
"""What was spoken of before is moved, or what is being booked is changed: the conversation knows which."""
UNABLE_INSTEAD = r"\b(?:can't|cannot|can not|cant|unable to) make\b.*\b(?:can|could) (?:we|i|you)\b.*\binstead\b"
NO_CANCEL = (
    rf"{words('card', 'subscription', 'account', 'flight', 'timer', 'alarm', 'refund', 'cancellation (?:policy|fee)')}"
    r"|\bhow (?:do|can|to)\b.{0,40}\bcancel"
)
CHANGE = words(
    *(
        "change",
        "changing",
        "move",
        "shift",
        "switch",
        "amend",
        "modify",
        "alter",
        "update",
        "push",
        "delay",
        "upgrade",
    ),
    *("adjust", "edit", "swap", "extend", "bring forward", "(?:add|put) more people"),
)
MY_TIME = r"\b(?:my|our) (?:\w{3,6}day|today|tomorrow|morning|noon|afternoon|evening|\d)"
"""A booking, called by when it is."""
EXISTING = words(
    *("my", "our", "existing", "current", "hotel", "room", "table", "restaurant", "dates?", "time", "number", "under"),
    "change (?:booking|reservation)",
    rf"(?:\w{{3,6}}day|today|tomorrow)'?s (?:\w+ )?{BOOKING}",
)
ASKING = words(
    "(?:do|did|have|am|are|was|if|that) (?:i|we|my|our)",
    "(?:is|what's|whats|does|what is|what are|about) (?:on )?(?:my|our)",
    *("confirm", "verify", "check", "make sure", "assure", "ensure", "when (?:is|are|do|am|will)", "where do i"),
    *(
        "what (?:time|times|day|days|date)",
        "what",
        "which",
        "any",
        "how many",
        "list",
        "show",
        "tell",
        "pull",
        "bring up",
    ),
    *("read", "let me"),
)
DIARY = words(
    *(
        "meetings?",
        "mettings?",
        "appointments?",
        "reservations?",
        "calendar",
        r"schedul\w+",
        "booked",
        "bookings?",
        "plans",
    ),
    *("agenda", "diary", "events?", "planned", "reserved", "haircut", "conferences?", "free", "available", "openings?"),
    "have to be",
)
OTHERS_DIARY = (
    rf"{NO_CANCEL}|{words('rooms?', 'book', 'put', 'flight', 'pto', 'do (?:they|you|he|she) have', 'how do i')}"
)
MY_DAY = (
    r"\b(?:what|what's|what've|do) .{0,20}\b(?:i|my|on|in)\b.{0,20}"
    r"\b(?:have|calendar|books|set|going on|happening)\b"
)
FACTS = words(
    *(
        "address",
        "phone",
        "number",
        "ratings?",
        "rated",
        "stars",
        "unisex",
        "contact",
        "located",
        "location",
        "website",
    ),
    *("email", "how much", "how long", "price", "cost"),
)
ASKS_TO_BOOK = r"^\W*book|\b(?:book|reserve|schedule|make|set up) (?:\w+ ){0,2}(?:appoi\w+|reservation|visit|table)"
BOOK = rf"{words('book', 'reserve', 'reservation', 'schedule', 'pencil in', 'arrange')}|\bappoi\w+"
ROOM = words(
    *("(?:table|seats?|place) for", "meeting rooms?", r"rooms? (?:\w+ )?available"),
    r"(?:set|add|put|schedule|have|need|want) (?:\w+ ){0,3}(?:meeting|table|room|slot)",
)
SEE = words("see", "visit", "need", "want", "wanna", "go to", "meet", "consult", "find", "like")
PROVIDER = words(
    *(
        "doctor",
        "dentist",
        "dentist's",
        "dental",
        "stylist",
        "salon",
        "barber",
        "therapist",
        "dr",
        "haircut",
        "manicure",
    ),
    *("pedicure", "facial", "massage"),
)
GO_THERE = words("(?:like|want|wanna) to (?:visit|go there|see)")
REPLY = words(
    *(
        "try",
        "make it",
        "get me",
        "let's",
        "lets",
        "how about",
        "what about",
        "i'd like",
        "i want",
        "i would",
        "i need",
    ),
    *("i can", "please", "at", "on", "for", "available", "anything", "works?", "instead", "around", "would be"),
    "is (?:good|fine)",
)
ELSEWHERE = words(
    *("weather", "forecast", "alarm", "timer", r"remind\w*", "bills?", "pay", "paid", "paycheck", "spen[dt]", "bank"),
    *("card", "flights?", "rental", "play", "traffic", "pto", "vacation", "transactions?", "music", "song", "birthday"),
    *("what's the date", "what date"),
)
"""What other assistants are asked."""
