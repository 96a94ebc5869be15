"""Tests of the rules, of Great Expectations and of the results."""
