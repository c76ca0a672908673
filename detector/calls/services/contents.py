"""What a request itself has to be asked, where its endpoint alone does not tell the task."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

import msgspec

from ...plain import UNREADABLE_JSON
from .endpoints import Endpoint, table
from .questions import TASKS, asked_task
from .request import Request, is_picture, values

# What holds a file's content. Text longer than this in it, without a space or a letter beyond ASCII, is data: that of
# base64 for URLs cannot be told from words that are set apart by underscores.
_FILED = frozenset({"data", "file_data", "filedata", "image_data", "image_bytes", "video_bytes", "b64_json", "bytes"})
_LONGEST_WORD = 200
# A picture and nothing else: a question behind its beginning is still asked. Base64 may come in lines.
_PICTURE = re.compile(r"\S+(?:\s+[A-Za-z0-9+/]{40,})*(?:\s+[A-Za-z0-9+/=]+)?\s*")
# What refers to pictures that are not in the request itself.
_REFERENCES = frozenset({
    "image_url", "image_file", "input_image", "image", "images", "image_data", "image_embeds", "multimodal_data",
    "input_file", "file", "file_id", "file_ids", "file_data", "filedata", "video", "video_url", "input_video",
    "document", "document_url", "inline_data", "inlinedata", "item_reference",
})  # fmt: skip
_SPOKEN = frozenset({"input_audio", "audio", "audio_url"})
# What an answer is to sound like.
_VOICE = frozenset({"voice", "format"})
_TYPED = frozenset({"mime_type", "mimeType", "media_type", "mediaType", "content_type", "contentType"})
# Between the words of a name as programs write it.
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Characters of a long part that a question may be spread over.
_BORDER = 128
_LINK = re.compile(r"://[^\s\"'<>]+")
# A picture in the midst of a text: as a data URL, in base64 (JPEG, PNG, GIF, TIFF, WebP), in hexadecimal digits.
_INLINE = re.compile(r"data:(?:image|video)/", re.IGNORECASE)
_IN_BASE64 = re.compile(r"(?:/9j/|_9j_|iVBORw0KGgo|R0lGOD[dl]h|SUkqA|TU0AK|UklGR[\w+/-]{7}RUJQ)[\w+/=-]{40}", re.ASCII)
_HEX = ("ffd8ff", "89504e470d0a1a0a", "4749463839", "4749463837")
_IN_HEX = re.compile(rf"(?<![0-9a-f])(?:{'|'.join(_HEX)})[0-9a-f]{{60}}")
# What shows a picture in HTML, up to its end, and where it has it from.
_TO_END = re.compile(r"[^>]+")
_TAG = re.compile(r"<(?:img|image|picture|source|video|object|embed)\b", re.IGNORECASE)
_FROM = re.compile(r"\b(?:src|srcset|href|data|poster)\s*=", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|heic|bmp|tiff?)\b", re.IGNORECASE)
# What stands before the request, at the service: earlier turns may have brought a picture.
_EARLIER = ("previous_response_id", "previous_interaction_id", "conversation", "thread", "container", "context")
# What fetches pictures by itself: servers of tools, and tools by their type or name.
_FETCHING = re.compile(r"(?:^|_)(?:fetch|mcp|computer|browser|url_?context)", re.IGNORECASE)
# Where a prompt in plain text has its pictures.
_PLACE = re.compile(r"[<\[][|_]{0,3}(?:start_of_)?(?:image|img|media|vision)[-\w|]{0,16}[>\]]", re.IGNORECASE)
# The same, with instructions of its own.
_INSTRUCTED = ("assistant_id", "cachedContent", "cached_content")
_NAMES_NOTHING = frozenset({"id", "role", "type", "model", "detail", "url", "mime_type", "media_type", "file_id"})
# What Google Cloud Vision is asked for about other things than faces, by name and by number.
_NO_FACES = frozenset({
    "LANDMARK_DETECTION", "LOGO_DETECTION", "LABEL_DETECTION", "TEXT_DETECTION", "SAFE_SEARCH_DETECTION",
    "IMAGE_PROPERTIES", "CROP_HINTS", "WEB_DETECTION", "DOCUMENT_TEXT_DETECTION", "PRODUCT_SEARCH",
    "OBJECT_LOCALIZATION", "2", "3", "4", "5", "6", "7", "9", "10", "11", "12", "19",
})  # fmt: skip
_FACE_EMOTION, _FACE_DEFAULT = {"ALL", "EMOTIONS"}, {"DEFAULT", "FACE_OCCLUDED"}


class Contents(NamedTuple):
    """What a request asks for.

    Attributes:
        task: a value of the fact `task`; None where that cannot be told.
        model: the model or the operation asked for.
    """

    task: str | None
    model: str | None


Reader = Callable[[Request, Endpoint], Contents | None]


def read_contents(request: Request, endpoint: Endpoint) -> Contents | None:
    """What a request to this endpoint asks for; None where it runs no inference, or is not for this endpoint."""
    if endpoint.read:
        return READERS[endpoint.read](request, endpoint)
    return Contents(endpoint.task, _model(request) or endpoint.path.removesuffix("/**"))


def runs_nothing(request: Request) -> bool:
    """Whether a request is for an operation of Rekognition that is known to run no inference, such as a list."""
    bare = request.url.partition("://")[2].partition("/")[2] == ""
    return bare and _operation(request, "x-amz-target") in table().rekognition[""]


def read_rekognition(request: Request, endpoint: Endpoint) -> Contents | None:
    """Amazon Rekognition: the operation stands in `X-Amz-Target`, what it is for partly in the body."""
    operation = _operation(request, endpoint.header or "")
    if operation is None:
        return None
    task = next((task for task, names in table().rekognition.items() if operation in names), None)
    if task == "faces":
        wanted = set(_list(request, "Attributes") or _list(request, "FaceAttributes") or ["DEFAULT"])
        task = "emotion" if wanted & _FACE_EMOTION else "detection" if wanted <= _FACE_DEFAULT else "analysis"
        task = task if request.table else None
    elif task == "stream":
        task = _stream(request)
    return None if task == "" else Contents(task, operation)


def _operation(request: Request, header: str) -> str | None:
    service, _, operation = request.header(header).partition(".")
    return operation if service == "RekognitionService" else None


def read_azure_detect(request: Request, _: Endpoint) -> Contents:
    """Azure Face: a face id, which is given by default, is a template; attributes are analysis."""
    attributes = request.query.get("returnfaceattributes", "").lower()
    if request.query.get("returnfaceid", "true").lower() != "false":
        return Contents("identification", "detect with face ids")
    task = "emotion" if "emotion" in attributes else "analysis" if attributes else "detection"
    return Contents(task, "detect")


def read_azure_vision(request: Request, _: Endpoint) -> Contents:
    """Azure Computer Vision: asked for celebrities, it names people; for faces, it tells age and gender."""
    details, features = (request.query.get(key, "").lower() for key in ("details", "visualfeatures"))
    if "celebrities" in details:
        return Contents("identification", "celebrities")
    return Contents("analysis" if "faces" in features else "other", "analyze")


def read_google(request: Request, _: Endpoint) -> Contents:
    """Google Cloud Vision: by the features asked for; its face detection tells emotions unasked."""
    if not request.table:
        return Contents(None, None)
    seen = list(values(request.table))
    features = {str(value) for key, value in seen if key in ("type", "type_")}
    if any(key in ("celebrity_set", "celebritySet") for key, _ in seen):
        return Contents("identification", "FACE_DETECTION")
    if features & {"FACE_DETECTION", "1"} or not features:
        return Contents("emotion", "FACE_DETECTION")
    return Contents("other" if features <= _NO_FACES else None, ", ".join(sorted(features)))


def read_compreface_detect(request: Request, _: Endpoint) -> Contents:
    """CompreFace: its plug-ins may add templates or attributes to a detection."""
    plugins = request.query.get("face_plugins", "").lower()
    if "calculator" in plugins:
        return Contents("identification", "detect with embeddings")
    return Contents("analysis" if any(name in plugins for name in ("age", "gender", "pose")) else "detection", "detect")


def read_inference(request: Request, _: Endpoint) -> Contents:
    """Open Inference Protocol: a model's name is evidence of nothing, so the task is unknown.

    Only the JSON head is read, whose length the header `Inference-Header-Content-Length` gives where tensors follow
    it; never the tensors.
    """
    segments = request.url.partition("?")[0].split("/")
    name = segments[segments.index("models") + 1]
    return Contents(None, " ".join([name, *_tensors(request)]))


def read_chat(request: Request, _: Endpoint) -> Contents | None:
    """A chat model: without pictures it is text or speech; with pictures, what the text asks about them counts."""
    body = request.table
    if not body:
        return Contents(None, None)
    seen = list(values(body))
    earlier = any(body.get(key) for key in _EARLIER + _INSTRUCTED) or _is_filed(body) or _fetches(body)
    written = [value for _, value in seen if isinstance(value, str)]
    shown = any(_shows(key, value) for key, value in seen) or any(map(holds_picture, written))
    spoken = any(_is_spoken(key, value) for key, value in seen)
    linked = any(map(links_picture, written))
    asked = _asked(seen, body) if shown or earlier or linked else "other"
    if asked == "other" and (shown or earlier) and (spoken or _asks_elsewhere(body)):
        return Contents(None, _model(request))
    if not shown and (asked == "other" or (asked is None and not (earlier or linked))):
        return Contents("speech" if spoken else "text", _model(request))
    return Contents(asked, _model(request))


def read_edit(request: Request, _: Endpoint) -> Contents:
    """A picture is made of another, as a prompt in JSON or in a form says: what it asks can be written on the picture.
    A form that a client has yet to put together is an edit like any other."""
    seen = list(values(request.table)) if request.table else list[tuple[str, object]](request.form)
    model = _model(request) or next((content for name, content in request.form if name == "model"), None)
    unseen = "other" if request.body is None else None
    return Contents(_asked(seen, request.table) if seen else unseen, model)


def read_embedding(request: Request, _: Endpoint) -> Contents:
    """A vector of a text or of a picture; faces can be told apart by that of a picture, where we do not see it."""
    shown = any(_shows(key, value) for key, value in values(request.table)) or _is_filed(request.table)
    return Contents("text" if request.table and not shown else None, _model(request))


READERS: dict[str, Reader] = {
    "rekognition": read_rekognition,
    "azure_detect": read_azure_detect,
    "azure_vision": read_azure_vision,
    "google": read_google,
    "compreface_detect": read_compreface_detect,
    "inference": read_inference,
    "chat": read_chat,
    "edit": read_edit,
    "embedding": read_embedding,
}


def _shows(key: str, value: object) -> bool:
    named = key.lower() if key != "type" else str(value).lower()
    referred = bool(value) and named in _REFERENCES and not _is_sound(value)
    typed = key in _TYPED and str(value).lower().startswith(("image/", "video/"))
    return referred or typed or is_picture(value)


def links_picture(text: str) -> bool:
    """Whether a text holds the address of a picture, which some servers and tools fetch."""
    marked = ("![" in text and "](" in text) or ("<" in text and _is_tagged(text))
    return marked or any(_PICTURE_FILE.search(link[0]) for link in _LINK.finditer(text))


def _is_tagged(text: str) -> bool:
    pieces = (piece[0] for piece in _TO_END.finditer(text))
    return any((tag := _TAG.search(piece)) and _FROM.search(piece, tag.end()) for piece in pieces)


def holds_picture(text: str) -> bool:
    """Whether a text holds a picture itself."""
    lower = text.lower()
    in_hex = any(mark in lower for mark in _HEX) and _IN_HEX.search(lower)  # the search alone takes its time
    return bool(in_hex or _INLINE.search(text) or _IN_BASE64.search(text))


def _is_spoken(key: str, value: object) -> bool:
    """Whether somebody speaks in it: what is said there may be the question."""
    answer = "voice" in _table(value) and _table(value).keys() <= _VOICE
    return (key in _SPOKEN and value is not None and not answer) or _is_sound(value)


def _is_sound(value: object) -> bool:
    kind = _table(value).get("mimeType") or _table(value).get("mime_type")
    return isinstance(kind, str) and kind.startswith("audio/")


def _asks_elsewhere(body: Mapping[str, Any]) -> bool:
    """Whether what stands at the service may ask in the place of the request's own text."""
    instructed = any(body.get(key) for key in _INSTRUCTED)
    return isinstance(body.get("prompt"), Mapping) or instructed or _is_filed(body)


def _fetches(body: Mapping[str, Any]) -> bool:
    """Whether the service may fetch pictures on its own while it answers."""
    listed: Any = body.get("tools")
    tools = cast("list[object]", listed) if isinstance(listed, list) else [listed]
    names = (str(name) for tool in tools for name in (_table(tool).get("type", ""), *_table(tool)))
    return bool(body.get("mcp_servers")) or any(map(_FETCHING.search, names))


def _is_filed(body: Mapping[str, Any]) -> bool:
    """Whether the requests of a batch stand elsewhere, as those of Gemini's may in a file."""
    batch = body.get("batch")
    configs = [_table(_table(batch).get(key)) for key in ("input_config", "inputConfig")]
    named = any(config.get(key) for config in configs for key in ("file_name", "fileName"))
    return isinstance(batch, Mapping) and (named or not any(config.get("requests") for config in configs))


def _asked(seen: list[tuple[str, object]], body: Mapping[str, Any]) -> str | None:
    """The strictest of what the texts ask, each for itself and as they are read one after the other."""
    found = {asked_task(texts) for texts in (_texts(seen, body), _spread(seen, " "), _spread(seen, ""))}
    return next(task for task in (*TASKS, None, "other") if task in found)


def _table(value: object) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def _texts(seen: list[tuple[str, object]], body: Mapping[str, Any]) -> Iterator[str]:
    for key, value in seen:
        if isinstance(value, str) and key not in _NAMES_NOTHING and not _is_data(key, value):
            yield value
    yield from (_WORDS.sub(" ", name) for name in _property_names(seen, body))


def _spread(seen: list[tuple[str, object]], between: str) -> Iterator[str]:
    """Texts of several parts as one, for a question may be spread over them; long parts are there by their ends. Where
    there is something `between` them, a picture stands for `this`."""
    for _, value in seen:
        if isinstance(value, str) and between and _PLACE.search(value):
            yield _PLACE.sub(" this ", value)
        parts = cast("list[object]", value) if isinstance(value, list) else []
        texts = [_table(part).get("text") for part in parts]
        if len(parts) > 1 and any(isinstance(text, str) for text in texts):
            said = (_borders(text) if isinstance(text, str) else "this" * len(between) for text in texts)
            yield between.join(said)


def _borders(text: str) -> str:
    return text if len(text) <= 2 * _BORDER else f"{text[:_BORDER]} . {text[-_BORDER:]}"


def _is_data(key: str, text: str) -> bool:
    if is_picture(text):
        return text.isascii() and _PICTURE.fullmatch(text) is not None
    filed = key.lower() in _FILED and len(text) > _LONGEST_WORD
    return filed and text.isascii() and len(text.split(maxsplit=1)) == 1


def _property_names(seen: list[tuple[str, object]], body: Mapping[str, Any]) -> Iterator[str]:
    """The names that a schema gives to what it wants to know: `person_name` asks as well."""
    for place in ("tools", "functions", "response_format", "text", "output_config"):
        yield from (key for key, _ in values(body.get(place)) if key)
    yield from (name for key, value in seen if key == "properties" for name in map(str, _table(value)))


def _list(request: Request, key: str) -> list[str]:
    value = request.table.get(key)
    return [str(one) for one in cast(list[object], [value] if isinstance(value, str) else value or [])]


def _stream(request: Request) -> str | None:
    keys = {key for key, _ in values(request.table)}
    if keys & {"CollectionId", "FaceMatchThreshold"}:
        return "identification"
    return "other" if "Labels" in keys else None


def _model(request: Request) -> str | None:
    named = request.table.get("model")
    before, found, after = request.url.partition("?")[0].partition("/deployments/")
    if isinstance(named, str):
        return named
    return after.partition("/")[0] if found and before else None


class _Tensor(msgspec.Struct):
    datatype: str
    shape: list[int]


class _Head(msgspec.Struct):
    inputs: list[_Tensor]


def _tensors(request: Request) -> list[str]:
    length = request.header("inference-header-content-length")
    if not isinstance(request.body, bytes) or (length and not length.isdigit()):
        return []
    try:
        head = msgspec.json.decode(request.body[: int(length)] if length else request.body, type=_Head)
    except UNREADABLE_JSON:
        return []
    return [f"{tensor.datatype}{tensor.shape}" for tensor in head.inputs]
