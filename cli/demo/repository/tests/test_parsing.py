import unittest

from durations import parse_duration


class ParseDuration(unittest.TestCase):
    def test_bare_numbers_are_seconds(self):
        self.assertEqual(parse_duration("45"), 45)
        self.assertEqual(parse_duration("0.5"), 0.5)

    def test_units_in_short_and_in_full(self):
        self.assertEqual(parse_duration("1h30m"), 5400)
        self.assertEqual(parse_duration("2 days 4 hours"), 187200)
        self.assertEqual(parse_duration("1 hour, 5 mins"), 3900)

    def test_fractions(self):
        self.assertEqual(parse_duration("1.5h"), 5400)

    def test_clock_times(self):
        self.assertEqual(parse_duration("1:02:03"), 3723)
        self.assertEqual(parse_duration("2:30"), 150)

    def test_negative(self):
        self.assertEqual(parse_duration("-1m 30s"), -90)

    def test_nonsense_is_refused(self):
        for text in ("", "soon", "1 fortnight", "12x"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_duration(text)
