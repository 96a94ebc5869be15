"""Telling people what got worse: one message a scan and channel."""
