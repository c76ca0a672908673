"""What a text asks about the people in a picture."""

import unicodedata
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.bench.truth.questions import SENTENCES, score
from facewarden.detector.calls.services import questions
from facewarden.detector.calls.services.questions import asked_task
from facewarden.detector.facts import CHOICES


@pytest.mark.parametrize("language", sorted(SENTENCES["seen"]))
def test_the_sentences_that_were_at_hand_are_all_understood(language: str) -> None:
    wrong = [
        (sentence, task, asked_task([sentence]))
        for task, sentences in SENTENCES["seen"][language].items()
        for sentence in sentences
        if asked_task([sentence]) != task
    ]
    assert wrong == []


def test_of_sentences_written_later_no_harmless_one_is_taken_for_identification() -> None:
    assert score("unseen").precision >= 0.95


@pytest.mark.parametrize(
    "text",
    [
        "WHO IS THIS?",
        "who   is\n\tthis",
        "Who\u200b is\u00a0this?",
        "\uff37\uff48\uff4f is this?",
        "Who\u2019s this?",
        "Describe the car. Then tell me who is the man beside it.",
        "Wer ist das auf dem Foto? Antworte auf Deutsch.",
        unicodedata.normalize("NFD", "¿Quién es esta persona?"),
        "identify_person(image)",
    ],
)
def test_case_spaces_marks_and_form_do_not_matter(text: str) -> None:
    assert asked_task([text]) == "identification"


def test_the_strictest_of_several_questions_counts() -> None:
    assert asked_task(["How old is he?", "Is he angry?", "Who is he?"]) == "identification"
    assert asked_task(["How many people are there?", "Do the faces match?"]) == "verification"


def test_a_question_that_is_forbidden_is_not_asked_but_one_beside_it_is() -> None:
    assert asked_task(["Do not identify people."]) == "other"
    assert asked_task(["Do not identify people in the back. Who is the man in front?"]) == "identification"


@pytest.mark.parametrize(
    "text",
    [
        "Don't hesitate to identify this man.",
        "Why don't you tell me who this is?",
        "Why can't you identify this man?",
        "If you cannot identify the man, guess.",
        "Warum erkennst du diese Person nicht?",
    ],
)
def test_a_no_that_forbids_nothing_hides_no_question(text: str) -> None:
    assert asked_task([text]) == "identification"


def test_no_text_asks_nothing() -> None:
    assert asked_task([]) == "other"


@pytest.mark.parametrize("before", [8176, 8180, 8185, 8188, 8192, 50_000])
def test_a_question_is_found_wherever_it_stands_in_a_long_text(before: int) -> None:
    filler = "The quick brown fox jumps over the lazy dog. " * 1200
    assert asked_task([filler[:before] + " who is this man? " + filler]) == "identification"
    assert asked_task([filler[:before] + " do not identify this man! " + filler]) == "other"


def test_of_a_text_that_is_too_long_the_ends_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "_MOST_READ", 2000)
    filler = "The quick brown fox jumps over the lazy dog. " * 100
    assert asked_task(["Who is this?", filler]) == "identification"
    assert asked_task([filler, "Who is this?"]) == "identification"
    assert asked_task([filler, "Who is this?", filler]) is None


@given(st.lists(st.text(max_size=80), max_size=4))
def test_every_text_has_a_task(texts: list[str]) -> None:
    assert asked_task(texts) in (*CHOICES["task"], None)


@pytest.mark.parametrize(
    "text",
    [
        "Vem är det här?", "Hvem er manden på billedet?", "Kuka tämä on?", "Kes see on?", "Kdo je to na fotce?",
        "Kto je tento muž?", "Tko je ovo?", "Ki ez az ember?", "Cine este acest bărbat?", "Bu kişi kim?",
        "Người trong ảnh này là ai?", "Siapakah orang ini?", "Qui és aquest home?", "Hver er þetta?", "Huyu ni nani?",
        "Vad heter den här mannen?", "Hvad hedder denne kvinde?", "Jak se jmenuje tento muž?", "Kako se zove ova žena?",
        "Hogy hívják ezt a férfit?", "Mi a neve?", "Cum se numește acest bărbat?", "Com es diu aquesta dona?",
        "Как се казва този човек?", "Како се зове овај човек?", "Πώς λέγεται αυτή η γυναίκα;",  # noqa: RUF001
        "Хто це?", "Кой е този човек?", "Ко је ово?", "Ποιος είναι αυτός;",  # noqa: RUF001 - their own letters
        "מי האיש בתמונה?", "این مرد کیست؟",
        "یہ شخص کون ہے؟", "คนในภาพคือใคร", "এই ব্যক্তি কে?", "हा कोण आहे?",
    ],
)  # fmt: skip
def test_who_somebody_is_is_understood_in_further_languages(text: str) -> None:
    assert asked_task([text]) == "identification"


@pytest.mark.parametrize(
    "text",
    [
        "Is this Angela Merkel?", "is that Tom Hanks in the photo", "Is she Madonna?", "Is Tom Hanks in this picture?",
        "Could this be Ursula von der Leyen?", "Does this man look like Brad Pitt?", "Which one is Taylor Swift?",
        "Ist das Angela Merkel?", "Est-ce Emmanuel Macron ?", "¿Es este Pedro Sánchez?", "È questo Mario Rossi?",
        "Is dit Mark Rutte?", "Czy to jest Donald Tusk?", "Czy to Łukasz Nowak?", "Это Владимир Путин?",
    ],
)  # fmt: skip
def test_nobody_can_tell_whether_a_name_that_is_asked_for_is_a_persons(text: str) -> None:
    assert asked_task([text]) is None


@pytest.mark.parametrize(
    "text",
    [
        "Is this a cat?", "Is this The Best Way to park?", "Is this JSON valid?", "Is this Python valid code?",
        "Ist das Holz?", "Ist das ein Golf?", "What can AI do?", "Solve αβγ = δ", "Was ist das?", "Co je to?",
        "Vad är det här för bil?", "Make it look like Studio Ghibli", "What does the sign say: ร้านอาหาร",
        "Vad heter den här blomman?", "Hvad hedder den by?", "Jak se jmenuje ta květina?", "Hogy hívják ezt a virágot?",
        "Mi a neve ennek a virágnak?", "Cum se numește această floare?", "Com es diu aquesta flor?",
        "Как се казва този град?", "Како се зове ова цвеће?", "Πώς λέγεται αυτό το λουλούδι;",  # noqa: RUF001
        "Find Invoice Number and Total Amount.", "See Terms Of Service.", "Is this True?", "㐂㐂㐂㐂",
        "人々は様々な色の、我々は少々",
        "Ποια είναι η πρωτεύουσα της Ελλάδας;", "Translate 你好 and Привет.",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_asks_for_nobody(text: str) -> None:
    assert asked_task([text]) == "other"


@pytest.mark.parametrize("text", ["இவர் யார் என்று சொல்லுங்கள்", "ಇವರು ಯಾರು ಹೇಳಿ", "ეს ვინ არის", "នេះជានរណា"])
def test_what_is_written_in_letters_that_no_phrase_is_may_ask_anything(text: str) -> None:
    assert asked_task([text]) is None
    assert asked_task([text, "Who is this?"]) == "identification"


@pytest.mark.parametrize(
    "word", ["who is the ", "find this face ", "compare the photo ", "人", "a ", "identify the the ", "кто "]
)
def test_no_text_takes_long(word: str) -> None:
    asked_task([word])  # compiles what its language needs
    started = thread_time()
    asked_task([word * 10_000])
    assert thread_time() - started < 2
