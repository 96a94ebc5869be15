"""What would change if policies did: the same evaluator, asked twice. Nothing is written anywhere."""
