"""Waivers and Microsoft's technical exceptions: whom they are for, what they accept, and which of them need a hand."""
