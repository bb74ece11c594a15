"""The words of each class that rules name. A word may be of several classes; common misspellings are listed too."""

CLASSES = {
    # Days and weeks named as seen from now.
    "TODAY": "today",
    "TOMORROW": "tomorrow tommorow tomorow tommorrow tomorrrow tmrw tmr tmw 2moro 2morrow tomorro",
    "YESTERDAY": "yesterday",
    "TONIGHT": "tonight tonite tonigt",
    "NOW": "now",
    "WEEKEND": "weekend weekends wkend",
    "WEEKWORK": "workweek",
    "WEEKOF": "w/c",
    "FORTNIGHT": "fortnight",
    "EASTER": "easter",
    "CHRISTMAS": "christmas xmas",
    "HALLOWEEN": "halloween",
    "VALENTINE": "valentine valentines valentine's",
    "BOXING": "boxing",
    "NEW": "new",
    "EVE": "eve",
    "MONDAY": "monday",
    # Which one: this week, next Friday, the following month, the end of May.
    "THIS": "this current",
    "NEXT": "next nxt",
    "COMING": "coming upcoming",
    "FOLLOWING": "following",
    "LAST": "last past previous",
    "BEGINNING": "beginning start",
    "MIDDLE": "middle mid",
    "END": "end",
    "EARLY": "early",
    "LATE": "late",
    "LATER": "later",
    "EARLIER": "earlier sooner before",
    "LATEST": "latest",
    "ONWARDS": "onwards onward after afterwards on later",
    # From where to where, and where about.
    "AT": "at @ @at",
    "ON": "on",
    "IN": "in during over",
    "BY": "by",
    "FOR": "for",
    "FROM": "from",
    "TO": "to",
    "UP": "up",
    "UNTIL": "until till til untill unitl",
    "THROUGH": "through thru",
    "BETWEEN": "between betwen",
    "BEFORE": "before prior",
    "AFTER": "after past",
    "SINCE": "since",
    "STARTING": "starting beginning commencing start begin effective",
    "COMMENCING": "commencing beginning starting",
    "WITHIN": "within",
    "AROUND": "around about approximately approx roughly circa near nearly",
    # Clocks and counts.
    "OCLOCK": "o'clock oclock clock",
    "NOON": "noon midday noontime lunchtime",
    "MIDNIGHT": "midnight",
    "HALF": "half",
    "QUARTER": "quarter",
    "PAST": "past after",
    "OH": "o oh ou",
    "ISH": "ish",
    "AGO": "ago",
    "HENCE": "hence",
    "COUPLE": "couple",
    "FEW": "few",
    "MORE": "more",
    "A": "a an",
    "ONE": "one 1",
    "PLURAL": "minutes mins hours hrs days nights weeks wks months years yrs",
    # Taking back.
    "NOT": "not never neither don't dont doesn't doesnt didn't",
    "NO": "no",
    "CANNOT": "can't cant cannot couldn't won't unable",
    "WONT": "doesn't doesnt won't wont isn't isnt don't dont not",
    "EXCEPT": "except excluding",
    "ANY": "any every each",
    "SOON": "soon",
    "FAR": "far",
    "BAD": "bad impossible inconvenient unavailable",
    "INSTEAD": "instead",
    "RATHER": "rather",
    "OTHER": "other",
    "BUT": "but",
    "CHANGE": (
        "change changed move moved make made shift reschedule rebook switch switched rather actually instead sorry "
        "wait mean meant prefer try swap amend postpone push delay"
    ),
    "TOO": "too",
    "THAN": "than then",
    "WHY": "why",
    "ALL": "all everything anything anytime anyday",
    # Who comes.
    "ME": "me i myself i'm",
    "MY": "my our his her their",
    "MYSELF": "myself",
    "RELATIVE": (
        "wife husband partner spouse friend friends mom mum mother dad father son sons daughter daughters sister "
        "sisters brother brothers siblings boyfriend girlfriend fiance colleague colleagues coworkers boss kid kids "
        "child children baby grandma grandmother grandpa grandfather uncle aunt cousin cousins niece nephew buddy "
        "mate"
    ),
    "PARENTS": "parents folks",
    "PERSON": (
        "people persons person ppl pax guest guests adult adults kid kids children child senior seniors seats seat "
        "friends men women man woman other others guys folks diners us members infants toddlers babies teenagers "
        "girls boys women top"
    ),
    "PEOPLE": (
        "people persons person ppl pax guest guests adult adults kid kids children child senior seniors seat seats "
        "friend friends men women man woman others guys folks diners us star stars room rooms table tables dog dogs "
        "cat cats car cars option options percent dollar dollars euro euros pounds bucks shillings mile miles km "
        "class classes session sessions bed beds members infants toddlers babies teenagers girls boys women top"
    ),
    "COMPANY": "party group family total table reservation booking seating gathering",
    "JUST": "just",
    "ONLY": "only",
    "PLUS": "plus",
    "WE": "we we're we'll",
    "WITH": "with",
    "YOUNG": "young small little old other",
    # Words around these.
    "THE": "the thr teh",
    "AND": "and & n",
    "OF": "of",
    "OR": "or",
    "NOR": "nor",
    "IS": "is was are were isn't isnt",
    "WORK": "works work suit good fit available possible convenient ok okay",
    "GOOD": "good great nice lovely wonderful pleasant fantastic beautiful fabulous amazing happy",
    "HAVE": "have having enjoy",
    "HELP": "help helping helped assistance",
    "SEE": "see",
    "YOU": "you ya u",
    "NAMED": "street st avenue ave floor road rd lane time times one ones name place option birthday anniversary thing",
    "RATED": "rating rated rate stars number code room extension phone zip postcode pin age aged",
    "VERB": "sat sun wed",
    # Signs.
    "COMMA": ",",
    "DASH": "-",
    "DOT": ".",
    "SLASH": "/",
}
TIMELESS = frozenset(
    {
        "ANY", "BAD", "CHANGE", "COMPANY", "FAR", "HAVE", "HELP", "JUST", "ME", "MY", "MYSELF", "ONLY", "PARENTS",
        "PLUS", "RATED", "RELATIVE", "SEE", "SOON", "WE", "WITH", "YOU", "YOUNG",
    }
)  # fmt: skip
"""Words of only these classes count among the words that say nothing of time."""
