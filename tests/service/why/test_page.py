"""The page that explains a clip: one file, which asks for nothing else."""

import re

import msgspec
import pytest

from service.api.why_example import WHY
from service.why.page import TEMPLATE, explanation_page


def test_nothing_in_the_page_comes_from_elsewhere():
    page = explanation_page("a </script> & b", [WHY])
    assert not re.search(
        r"https?:|//[a-z]|@import|\bsrc=|<link(?! rel=\"icon\" href=\"data:)", page
    )
    assert "default-src 'none'" in page and page.count("</script>") == 2
    assert "<title>a &lt;/script&gt; &amp; b</title>" in page
    assert len(TEMPLATE.read_bytes()) < 24_000


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_words_are_those_of_the_answers(language):
    page = explanation_page("clip", [msgspec.structs.replace(WHY, language=language)])
    assert f'<html lang="{language}">' in page
    assert ("Zeitlupe" in page) == (language == "de")


def test_every_word_of_the_script_is_in_the_tables():
    from models.story.phrases import PHRASES

    used = set(re.findall(r'words\["([a-z._]+)"\]', TEMPLATE.read_text())) | {"decimal_point"}
    for words in PHRASES.values():
        assert used - {"joint.", "part."} <= words.keys()
