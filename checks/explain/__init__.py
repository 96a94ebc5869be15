"""Why an account has the verdict it has, in plain words: for the terminal, the scorecard pages and programs alike.

``dossier`` reads what is known, ``explanation`` puts it into sentences, one module a question, and ``terminal`` shows
them. No sentence stands anywhere else. Text from a tenant is made harmless where it enters a sentence.
"""
