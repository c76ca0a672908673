"""Reports of an audit, for property tests."""

from hypothesis import strategies as st

from facewarden.detector.audit import Answer, Report, Unread
from facewarden.detector.audit.report import Input, JudgedCall, Summary
from facewarden.detector.belief import Faces
from facewarden.detector.budget import Cost
from facewarden.detector.policy import Decision, Obligation, RuleOutcome
from facewarden.detector.policy.decision import PackIdentity
from facewarden.detector.policy.rule import STRICTNESS
from facewarden.detector.sight.state import Coverage
from helpers.entries import environment, flags, maybe, mobility, numbers, plain, texts, times

many = st.integers(0, 2**40)
several = st.lists(texts, max_size=3).map(tuple)
effects = st.sampled_from(sorted(STRICTNESS))
problems = st.fixed_dictionaries({"kind": texts, "message": texts})
decisions = st.builds(
    Decision,
    effect=effects,
    rules=st.lists(
        st.builds(RuleOutcome, id=texts, outcome=st.sampled_from(["true", "false", "unknown"]), effect=effects),
        max_size=3,
    ).map(tuple),
    deciding=several,
    unknown=several,
    packs=st.lists(st.builds(PackIdentity, texts, texts, texts, several), max_size=2).map(tuple),
    explanation=texts,
    obligations=st.lists(st.builds(Obligation, texts, texts), max_size=2).map(tuple),
)
coverages = st.builds(Coverage, many, many, many, many, many, numbers, many)
answers = st.builds(
    Answer,
    source=texts,
    url=texts,
    mobility=mobility,
    environment=environment,
    faces=st.builds(Faces, assessed=st.booleans(), max_in_frame=many, frames_with=many, looked_at=many, shed=many),
    coverage=coverages,
    cost_ms=st.none() | st.builds(Cost, numbers, numbers, numbers, numbers),
    events=several,
    error=st.none() | problems,
)
sources = st.lists(answers | st.builds(Unread, texts, texts, problems), max_size=3).map(tuple)
calls = st.builds(
    JudgedCall,
    source=maybe,
    at=st.none() | numbers,
    service=maybe,
    task=maybe,
    decision=decisions,
    gate=effects,
    facts=flags,
    origins=st.dictionaries(texts, texts, max_size=2),
    contradictions=several,
    unconfirmed=several,
    model=maybe,
    runtime=maybe,
    note=maybe,
    picture=maybe,
    id=maybe,
    time=st.none() | times,
    own=st.dictionaries(texts, plain, max_size=2),
)
reports = st.builds(
    Report,
    generated=texts,
    facewarden=texts,
    inputs=st.lists(st.builds(Input, texts, texts), max_size=2).map(tuple),
    sources=sources,
    calls=st.lists(calls, max_size=2).map(tuple),
    coverage=coverages,
    summary=st.builds(Summary, many, many, many, many, many, st.dictionaries(texts, many, max_size=2)),
)
