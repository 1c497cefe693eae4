import unittest

from durations import format_duration, parse_duration


class FormatDuration(unittest.TestCase):
    def test_largest_units_first(self):
        self.assertEqual(format_duration(93784), "1d 2h 3m 4s")

    def test_zero_units_are_left_out(self):
        self.assertEqual(format_duration(3605), "1h 5s")
        self.assertEqual(format_duration(0), "0s")

    def test_fractions_are_rounded_to_seconds(self):
        self.assertEqual(format_duration(61.4), "1m 1s")
        self.assertEqual(format_duration(0.2), "0s")

    def test_rounding_carries_into_the_next_unit(self):
        self.assertEqual(format_duration(59.7), "1m")
        self.assertEqual(format_duration(119.7), "2m")
        self.assertEqual(format_duration(3599.9), "1h")

    def test_negative(self):
        self.assertEqual(format_duration(-90), "-1m 30s")

    def test_parts_round_the_last_unit(self):
        self.assertEqual(format_duration(5430, parts=1), "2h")
        self.assertEqual(format_duration(93784, parts=2), "1d 2h")

    def test_what_is_written_can_be_read(self):
        for seconds in (1, 59, 60, 3599, 86399, 90061):
            self.assertEqual(parse_duration(format_duration(seconds)), seconds)

    def test_a_fraction_never_shows_sixty(self):
        for minutes in range(1, 120):
            self.assertNotIn("60", format_duration(minutes * 60 - 0.3))
