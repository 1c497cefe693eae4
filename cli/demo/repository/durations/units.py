"""The units that both directions share."""

# Largest first; the formatter relies on the order.
UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))

NAMES = {
    "d": ("d", "day", "days"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "s": ("s", "sec", "secs", "second", "seconds"),
}

SECONDS_BY_NAME = {name: seconds for unit, seconds in UNITS for name in NAMES[unit]}
