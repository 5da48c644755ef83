"""Ready header files for a web server that serves the sites: the policy of the pages as headers, for nginx and for Caddy.

Written beside the lists above the releases. The pages carry the same policy themselves, so that a folder opened without a
server is as closed; headers add what a page cannot say of itself (no framing, no sniffing).
"""

from __future__ import annotations

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
HEADERS = (
    ("Content-Security-Policy", f"{POLICY}; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def nginx() -> str:
    """Lines for a ``location`` of nginx."""
    lines = "".join(f'add_header {name} "{value}" always;\n' for name, value in HEADERS)
    return f"# include this in the location that serves the sites\n{lines}"


def caddy() -> str:
    """A snippet for a Caddyfile."""
    lines = "".join(f'\t{name} "{value}"\n' for name, value in HEADERS)
    return f"# import this in the site block that serves the sites\nheader {{\n{lines}}}\n"


def files() -> dict[str, bytes]:
    """The header files by name."""
    return {"headers.nginx.conf": nginx().encode(), "headers.Caddyfile": caddy().encode()}
