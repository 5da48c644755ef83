"""The audit pack: a BagIt folder in a zip that opens offline. The same state of a home always gives the same bytes.

In it: what `verify` said, verdict, manifests with signatures and public key, differences, waivers, excerpts of the ledger, rejected rows counted
by rule, the yearly statement, versions of code and packages. Not in it: any row, value, token or text of a query.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from expectations.verdict import kept_path, path_of
from orchestration.config import Home
from orchestration.ledger import Event, Ledger
from orchestration.release.history import EDITIONS, folder_of, root_of
from orchestration.release.manifest import MANIFEST, SIGNATURE, code_version
from orchestration.swap import write_whole
from orchestration.trail.access import accesses
from orchestration.trail.figure import Standpoint, standpoint
from orchestration.trail.statement import statement, statement_words

_CHANGES = "changes.csv"
_DATE = (1980, 1, 1, 0, 0, 0)
_COLUMNS = {
    "received": ("receipt", "delivery_id", "sha256", "size", "name", "duplicate", "as_of"),
    "verdict": ("data_version", "suite_version", "contract_version", "sha256", "overall"),
    "waiver": (
        "waiver",
        "check",
        "period",
        "county",
        "reason",
        "by",
        "approved_by",
        "until",
        "as_of",
        "evidence_name",
        "evidence_sha256",
    ),
    "release": ("year", "release", "data_version", "note", "as_of", "verdict_sha256"),
}
_NAMES = {"received": "deliveries", "verdict": "verdicts", "waiver": "waivers", "release": "releases"}
_ACCESS = ("seq", "at", "by", "approved_by", "reason", "tables", "rows", "outcome")
_CHECK = ("check", "suite", "table", "period", "severity", "result", "rows", "unexpected", "zh", "en", "reason")
# What each file is, for the first page, in the order in which an auditor reads them.
WORDS = {
    "verify.txt": ("打包时核对全部发布、台账、归档和数据表的结果", "what verify said when the pack was made"),
    "checks.html": (
        "没有通过的检查和提示，逐项写明查的是什么、界限的理由、在哪里",
        "checks that did not pass, in words",
    ),
    "checks.csv": ("全部检查的结果和计数，表格", "all checks as a table"),
    "verdict.json": ("质量检查结论原文", "verdict of the gate"),
    f"release/{EDITIONS[0]}/{_CHANGES}": (
        "与上一次发布相比的数字变化（内部版）",
        "differences from the release before",
    ),
    **{
        f"release/{edition}/{name}": (f"{zh}：{what_zh}", f"{what} of the {edition} edition")
        for edition, zh in zip(EDITIONS, ("内部版", "公开版"), strict=True)
        for name, what_zh, what in (
            (MANIFEST, "每个文件的大小和 sha-256、数据和程序版本、豁免、上一次清单", "signed manifest"),
            (SIGNATURE, "清单的 Ed25519 签名", "signature"),
        )
    },
    "release/public_key.pem": ("核对签名用的公钥", "the public key of the signatures"),
    "ledger/releases.csv": ("历次发布", "releases"),
    "ledger/waivers.csv": ("豁免", "waivers"),
    "ledger/verdicts.csv": ("历次检查结论", "verdicts"),
    "ledger/deliveries.csv": ("收到的文件（文件名已遮盖）", "deliveries, names masked"),
    "rejected_by_rule.csv": ("退回的行：按报表、时期、规则计数（不含任何内容）", "rejected rows counted by rule"),
    "ledger/accesses.csv": ("个案记录的查看", "accesses to records"),
    "ledger/chain.csv": ("台账的链：每条的种类和哈希", "the ledger's hash chain"),
    "statement.html": ("未成年人个人信息处理情况年度说明，网页", "yearly statement of minors' data"),
    "statement.md": ("同上，文本", "the same as text"),
    "statement.json": ("同上，供机器读取", "the same for machines"),
    "environment.txt": ("软件版本", "versions of all packages"),
    "code_version.json": ("程序版本", "version of the code"),
}


def audit_pack(home: Home, out: Path, release: str | None = None) -> list[str]:
    """Writes the pack of a release (or of what was built last) as a zip.

    Args:
        home: the installation.
        out: the file to write, replaced whole.
        release: `2024-2025/r1`.

    Returns:
        The paths in it.

    Raises:
        ConfigError: no such release, or nothing is built.
    """
    at = standpoint(home, release)
    name = f"junheng-audit-{(at.release or at.version).replace('/', '-')}"
    payload = _payload(home, at)
    payload["index.html"] = _first_page(at, payload, "")
    bag = _bag(payload, _first_page(at, payload, "data/"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(bag):
            entry = zipfile.ZipInfo(f"{name}/{path}", _DATE)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, bag[path])
    write_whole(out, buffer.getvalue())
    return [f"{name}/{path}" for path in sorted(bag)]


def _payload(home: Home, at: Standpoint) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    found |= _verdict(home, at) | _release(home, at) | _ledger(home) | _statement(home, at)
    rejected = pl.read_parquet(at.tables(home) / "rejected_rows.parquet")
    by = [c for c in ("feed", "period", "rule") if c in rejected.columns]
    counted = rejected.group_by(by).len("rows").sort(by, nulls_last=True)
    found["rejected_by_rule.csv"] = csv_of(counted.columns, counted.iter_rows())
    found["verify.txt"] = _verified(home)
    found["environment.txt"] = "".join(f"{line}\n" for line in environment()).encode()
    found["code_version.json"] = _json(code_version())
    return found


def _verified(home: Home) -> bytes:
    """Whoever opens the pack elsewhere has no home to ask."""
    from orchestration.release import verify

    faults = verify(home)
    said = [f"共 {len(faults)} 处不符：", *faults] if faults else ["核对无误。 (Nothing differs.)"]
    return "".join(f"{line}\n" for line in said).encode()


def environment() -> list[str]:
    """Every installed package with its version: the lock of the environment that answers."""
    return sorted({f"{d.metadata['Name'].lower()}=={d.version}" for d in distributions() if d.metadata["Name"]})


def _verdict(home: Home, at: Standpoint) -> dict[str, bytes]:
    kept = kept_path(home, at.event.body["verdict_sha256"]) if at.event else None
    path = kept if kept and kept.is_file() else path_of(home, at.version)
    if not path.is_file():
        return {}
    data = path.read_bytes()
    checks = json.loads(data)["checks"]
    open_checks = [c for c in checks if c["result"] != "passed"]
    page = _CHECKS.render(
        name=at.release or at.version, checks=open_checks, all=len(checks), style=_STYLE, words=RESULTS
    )
    rows = ([c.get(name) for name in _CHECK] for c in checks)
    return {"verdict.json": data, "checks.csv": csv_of(_CHECK, rows), "checks.html": page.encode()}


def _release(home: Home, at: Standpoint) -> dict[str, bytes]:
    """Manifests and signatures of both editions, the differences of the inner one, the public key."""
    if at.event is None:
        return {}
    body, found = at.event.body, {}
    for edition in EDITIONS:
        folder = folder_of(home, edition, body["year"], body["release"])
        for name in (MANIFEST, SIGNATURE, *([_CHANGES] if edition == EDITIONS[0] else [])):
            if (folder / name).is_file():
                found[f"release/{edition}/{name}"] = (folder / name).read_bytes()
    key = root_of(home, EDITIONS[0]) / "public_key.pem"
    return found | ({"release/public_key.pem": key.read_bytes()} if key.is_file() else {})


def _ledger(home: Home) -> dict[str, bytes]:
    events = Ledger(home.ledger_path).events()
    found = {
        f"ledger/{_NAMES[kind]}.csv": csv_of(("seq", "at", *columns), _entries(events, kind, columns))
        for kind, columns in _COLUMNS.items()
    }
    found["ledger/accesses.csv"] = csv_of(_ACCESS, ([a[name] for name in _ACCESS] for a in accesses(home)))
    chain = ("seq", "kind", "at", "previous", "hash")
    return found | {"ledger/chain.csv": csv_of(chain, ([getattr(e, name) for name in chain] for e in events))}


def _entries(events: Iterable[Event], kind: str, columns: Sequence[str]) -> Iterable[list[Any]]:
    return ([e.seq, e.at, *(e.body.get(name) for name in columns)] for e in events if e.kind == kind)


def _statement(home: Home, at: Standpoint) -> dict[str, bytes]:
    """The statement of the release's school year, or of the last year that was built."""
    import mistune

    if at.event:
        year = at.event.body["year"]
    else:
        periods = pl.scan_parquet(at.tables(home) / "indicator_values.parquet").select(
            pl.col("period").str.slice(0, 9).max()
        )
        year = periods.collect().item()
    if not year:
        return {}
    told = statement(home, str(year))
    words = statement_words(told)
    page = mistune.create_markdown(escape=True, plugins=["table"])(words)
    html = f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{told["year"]}</title>{_STYLE}<body>{page}</body></html>\n'
    return {"statement.md": words.encode(), "statement.html": html.encode(), "statement.json": _json(told)}


_STYLE = Markup(
    "<style>body{font-family:sans-serif;max-width:60rem;margin:2rem auto;line-height:1.6}"
    "td,th{border:1px solid #999;padding:.2rem .5rem}table{border-collapse:collapse}</style>"
)
RESULTS = {"failed": "未通过", "crashed": "检查程序出错", "not_run": "未运行", "error": "拦截", "warn": "提示"}
_CHECKS = jinja2.Environment(autoescape=True).from_string("""<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>没有通过的检查 {{ name }}</title>{{ style }}
<body>
<h1>没有通过的检查：{{ name }}</h1>
<p>共检查 {{ all }} 项，{{ checks | length }} 项没有通过。<span lang="en">{{ checks | length }} of {{ all }} checks did not pass.</span></p>
{% if checks %}<table><thead><tr><th>检查</th><th>查什么</th><th>界限的理由</th><th>学年</th><th>结果</th><th>级别</th><th>不符合处</th><th>在哪里</th></tr></thead>
<tbody>{% for c in checks %}
<tr><td><code>{{ c.check }}</code></td><td>{{ c.zh }}<br><span lang="en">{{ c.en }}</span></td><td>{{ c.reason_zh }}</td><td>{{ c.period }}</td>
<td>{{ words.get(c.result, c.result) }}</td><td>{{ words.get(c.severity, c.severity) }}</td><td>{{ "" if c.unexpected is none else c.unexpected }}</td>
<td>{% for p in c.places or [] %}{{ p.period }} {{ p.county }}：{{ p.faults }} 处<br>{% endfor %}</td></tr>{% endfor %}
</tbody></table>{% endif %}
</body></html>
""")
_PAGE = jinja2.Environment(autoescape=True).from_string("""<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>审计包 {{ name }}</title>{{ style }}
<body>
<h1>审计包：{{ name }}</h1>
<p>数据版本 {{ version }}。本包不含任何学生的信息，可离线打开。<br>
<span lang="en">Audit pack of data version {{ version }}. It holds no pupil's data and opens offline.</span></p>
<h2>内容（Contents）</h2>
<ul>{% for path, zh, en in files %}
<li><a href="{{ prefix }}{{ path }}">{{ path }}</a> {{ zh }}{% if en %} <span lang="en">({{ en }})</span>{% endif %}</li>{% endfor %}
</ul>
<h2>怎样核对（How to verify）</h2>
<ol>
<li>包内每个文件的 sha-256 在 manifest-sha256.txt 中：在解开的文件夹里运行 <code>sha256sum -c manifest-sha256.txt</code>。</li>
<li>release/*/manifest.json 由 Ed25519 签名（manifest.sig 中 signature 为 base64），公钥是 release/public_key.pem，应与另行保存的一份相同。在清单所在的文件夹里运行<br>
<code>sed -n 's/.*"signature": "\\(.*\\)".*/\\1/p' manifest.sig | base64 -d &gt; sig.bin</code><br>
<code>openssl pkeyutl -verify -rawin -pubin -inkey ../public_key.pem -in manifest.json -sigfile sig.bin</code></li>
<li>manifest.json 列出该版报告每个文件的 sha-256；verdict.json 的 sha-256 应等于其中的 verdict_sha256。</li>
<li>ledger/chain.csv 每条的 previous 应等于上一条的 hash；manifest.json 的 ledger_head 应在其中。</li>
<li>打包时的核对结果在 verify.txt 中；在原处运行 <code>junheng verify</code> 可再核对全部发布、台账、结论、存档和数据表，并说出哪里不同。</li>
</ol>
</body></html>
""")


def _first_page(at: Standpoint, payload: Mapping[str, bytes], prefix: str) -> bytes:
    order = {path: place for place, path in enumerate(WORDS)}
    listed = sorted(payload.keys() - {"index.html"}, key=lambda path: (order.get(path, len(order)), path))
    files = [(path, *WORDS.get(path, ("", ""))) for path in listed]
    name = at.release or at.version
    return _PAGE.render(name=name, version=at.version, files=files, prefix=prefix, style=_STYLE).encode()


def _bag(payload: Mapping[str, bytes], first_page: bytes) -> dict[str, bytes]:
    """The payload below data/ with the files BagIt (RFC 8493) asks for; the first page lies at the top as well."""
    data = {f"data/{path}": content for path, content in payload.items()}
    octets = sum(map(len, data.values()))
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"Source-Organization: Junheng\nPayload-Oxum: {octets}.{len(data)}\n".encode(),
        "manifest-sha256.txt": _sums(data),
        "index.html": first_page,
    }
    return {**data, **tags, "tagmanifest-sha256.txt": _sums(tags)}


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)).encode()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table spreadsheets open as UTF-8; a cell that would be a formula is made text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
