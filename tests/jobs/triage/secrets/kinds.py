"""Secrets in the shapes in which logs carry them, and what looks like one and is none.

Values are put together here, so that no scanner of repositories takes this file for a leak.
"""

import base64
import json
from collections.abc import Iterator

HEX = "0123456789abcdef" * 4
MIXED = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY" * 3
DIGITS = "31415926535897932384"
PLAIN = "hunter22"
ODD = "p@ss,w0rd;x!"


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def tokens() -> Iterator[tuple[str, str]]:
    """Tokens that their form betrays: name, token."""
    yield from (
        ("GitHub", "gh" + f"p_{MIXED[:36]}"),
        ("GitHub fine-grained", "github_" + f"pat_{MIXED[:22]}_{MIXED[:59]}"),
        ("GitLab", "gl" + f"pat-{MIXED[:20]}"),
        ("AWS key id", "AK" + "IAIOSFODNN7EXAMPLE"),
        ("Slack", "xo" + f"xb-{DIGITS[:12]}-{DIGITS[:12]}-{MIXED[:24]}"),
        ("Slack app", "xa" + f"pp-1-A0{DIGITS[:9]}-{DIGITS[:12]}-{HEX}"),
        ("Slack webhook", "https://hooks." + f"slack.com/services/T{DIGITS[:8]}/B{DIGITS[:8]}/{MIXED[:24]}"),
        ("Slack workflow", "https://hooks." + f"slack.com/workflows/T{DIGITS[:8]}/A{DIGITS[:8]}/{DIGITS}/{MIXED[:24]}"),
        ("Discord webhook", "https://discord." + f"com/api/webhooks/{DIGITS}/{MIXED[:68]}"),
        (
            "Teams webhook",
            "https://x.webhook." + f"office.com/webhookb2/{HEX[:8]}@{HEX[:8]}/IncomingWebhook/{HEX[:32]}/a",
        ),
        ("SendGrid", "S" + f"G.{MIXED[:22]}.{MIXED[:43]}"),
        ("Vault", "hv" + f"s.{MIXED[:24]}"),
        ("Vault batch", "hv" + f"b.{MIXED[:90]}"),
        ("DigitalOcean", "do" + f"p_v1_{HEX}"),
        ("Shopify", "sh" + f"pat_{HEX[:32]}"),
        ("Databricks", "da" + f"pi{HEX[:32]}"),
        ("npm", "np" + f"m_{MIXED[:36]}"),
        ("PyPI", "py" + f"pi-AgEIcHlwaS5vcmc{MIXED[:60]}"),
        ("Docker", "dc" + f"kr_pat_{MIXED[:27]}"),
        ("Hugging Face", "h" + f"f_{MIXED[:34]}"),
        ("OpenAI", "s" + f"k-proj-{MIXED[:48]}"),
        ("Anthropic", "s" + f"k-ant-api03-{MIXED[:80]}-AA"),
        ("Stripe", "sk" + f"_live_{MIXED[:24]}"),
        ("Stripe hook", "wh" + f"sec_{MIXED[:32]}"),
        ("Google API", "AI" + f"za{MIXED[:35]}"),
        ("Google OAuth", "ya" + f"29.{MIXED[:60]}"),
        ("Google client", "GO" + f"CSPX-{MIXED[:28]}"),
        ("Twilio", "S" + f"K{HEX[:32]}"),
        ("Mailgun", "key" + f"-{HEX[:32]}"),
        ("Mailchimp", HEX[:32] + "-us12"),
        ("Telegram", DIGITS[:10] + ":AA" + MIXED[:33]),
        ("Grafana", "gl" + f"sa_{MIXED[:32]}_{HEX[:8]}"),
        ("New Relic", "NR" + f"AK-{MIXED[:27].upper()}"),
        ("RubyGems", "ruby" + f"gems_{HEX[:48]}"),
        ("Terraform", MIXED[:14] + ".atlas" + f"v1.{MIXED[:67]}"),
        ("Atlassian", "AT" + f"ATT3x{MIXED[:80]}"),
        ("Linear", "lin" + f"_api_{MIXED[:40]}"),
        ("Pulumi", "pu" + f"l-{HEX[:40]}"),
        ("Postman", "PM" + f"AK-{HEX[:24]}-{HEX[:34]}"),
        ("Sentry", "snt" + f"rys_{MIXED[:80]}"),
        ("Tailscale", "ts" + f"key-auth-{MIXED[:12]}-{MIXED[:32]}"),
        ("age", "AGE-SECRET" + f"-KEY-1{MIXED[:58].upper()}"),
        ("crates.io", "ci" + f"o{MIXED[:32]}"),
        ("Discord bot", "MT" + f"{MIXED[:24]}.Gabcde.{MIXED[:38]}"),
        ("web token", "ey" + f"J{MIXED[:20]}.ey" + f"J{MIXED[:40]}.{MIXED[:43]}"),
        ("encrypted web token", "ey" + f"J{MIXED[:20]}..{MIXED[:16]}.{MIXED[:40]}.{MIXED[:22]}"),
    )


def forms() -> Iterator[tuple[str, str, str]]:
    """Secrets that their place betrays: name, text, the part that must go."""
    yield from _headers()
    yield from _addresses()
    yield from _assignments()
    yield from _arguments()
    yield from _files()
    for name, token in tokens():
        if "://" not in token:
            yield f"base64 of {name}", f"value {_b64(token)} end", _b64(token)
    yield "base64 of an assignment", f"cat: {_b64(f'DB_PASSWORD={PLAIN}')}", _b64(f"DB_PASSWORD={PLAIN}")
    yield "hex of a token", f"dump {('gh' + 'p_' + MIXED[:36]).encode().hex()}", ("p_" + MIXED[:36]).encode().hex()
    yield "percent-encoded", f"q=password%3D{PLAIN}%26a", PLAIN


def _headers() -> Iterator[tuple[str, str, str]]:
    yield "cookie", f"Cookie: sid={PLAIN}; theme=dark", PLAIN
    yield "second cookie", f"cookie: theme=dark; sid={PLAIN}", PLAIN
    yield "set-cookie", f"< Set-Cookie: a=1; session={PLAIN}; Path=/; HttpOnly", PLAIN
    yield "cookie of curl", f"curl -H 'Cookie: sid=\"{PLAIN}\"' https://x.org", PLAIN
    yield "cookie in JSON", f'{{"Cookie": "a=b; sid={PLAIN}", "Host": "x"}}', PLAIN
    yield "curl -b", f"curl --cookie sid={PLAIN} https://x.org", PLAIN
    yield "basic", f"Authorization: Basic {_b64('me:' + PLAIN)}", _b64("me:" + PLAIN)
    yield "short basic", "authorization: Basic YTpi", "YTpi"
    yield "digest", f'Authorization: Digest username="a", response="{HEX[:32]}"', HEX[:32]
    yield "aws4", f"Authorization: AWS4-HMAC-SHA256 Credential=x/s3, SignedHeaders=host, Signature={HEX}", HEX
    yield "odd scheme", f"Authorization: ApiKey {PLAIN}", PLAIN
    yield "bare bearer", f"sent bearer {MIXED[:20]}", MIXED[:20]
    yield "authorization in Python", f"{{'Authorization': 'Token {PLAIN}'}}", PLAIN
    yield "X-Api-Key", f"X-Api-Key: {PLAIN}", PLAIN
    yield "X-Auth-Token", f"-H 'X-Auth-Token:{PLAIN}'", PLAIN
    yield "PRIVATE-TOKEN", f'--header "PRIVATE-TOKEN: {PLAIN}"', PLAIN


def _addresses() -> Iterator[tuple[str, str, str]]:
    for text in (
        f"https://user:{PLAIN}@host/x",
        f"https://user:p@{PLAIN}@host",
        f"https://{PLAIN}:p@host/a@b",
        f"postgres://u:a/{PLAIN}@db:5432/x",
        f"postgresql+psycopg2://u:{PLAIN}#a@db/x",
        f"redis://:{PLAIN}@cache:6379/0",
        f"mongodb+srv://u:{PLAIN}@c0.mongodb.net/?retryWrites=true",
        f"amqp://u:{PLAIN}%21@mq//",
        f"'https://u:it\\'s{PLAIN}@host'",
        f"jdbc:oracle:thin:scott/{PLAIN}@db:1521:x",
        f"jdbc:mysql://db/x?user=u&password={PLAIN}",
        f"remote: https://oauth2:{PLAIN}@gitlab.com/a/b.git",
        f"remote: https://{MIXED[:30]}@github.com/a/b.git",
        f"https://s3.amazonaws.com/b/k?X-Amz-Date=20260101T000000Z&X-Amz-Signature={PLAIN}",
        f"https://b.s3.amazonaws.com/k?AWSAccessKeyId=x&Expires=1&Signature={PLAIN}",
        f"https://storage.googleapis.com/b/o?X-Goog-Signature={PLAIN}",
        f"https://a.blob.core.windows.net/c/b?sv=2024-01-01&se=2026-01-01&sr=b&sp=r&sig={PLAIN}",
        f"https://x.org/cb?code={PLAIN}&state=1",
        f"https://x.org/?a=1&access_token={PLAIN}#frag",
        f"https://x.org/#id_token={PLAIN}",
        f"https://maps.x.org/?key={PLAIN}",
    ):
        yield text, text, PLAIN if PLAIN in text else MIXED[:30]


def _assignments() -> Iterator[tuple[str, str, str]]:
    for text in (
        f"DB_PASSWORD={PLAIN}",
        f"export DB_PASSWORD='{PLAIN}'",
        f"{'A_' * 60}PASSWORD={PLAIN}",
        f"password: {PLAIN}",
        f"password : {PLAIN}",
        f'"password": "{PLAIN}"',
        f'{{\\"password\\": \\"{PLAIN}\\"}}',
        f'{{\\\\\\"password\\\\\\": \\\\\\"{PLAIN}\\\\\\"}}',
        f"{{'client_secret': '{PLAIN}'}}",
        f"password: |\n  {PLAIN}\n",
        f"password: >-\n    {PLAIN}",
        f"password:\n  {PLAIN}",
        f'password = "a\\"{PLAIN}"',
        f'password: str = "{PLAIN}"',
        f"passphrase: correct horse {PLAIN}",
        f"PGPASSWORD={PLAIN} psql",
        f"MYSQL_PWD={PLAIN}",
        f"Server=x;Uid=sa;Pwd={PLAIN};Database=y",
        f"Server=x;User Id=sa;Password={PLAIN};",
        f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={PLAIN}==;EndpointSuffix=core.windows.net",
        f"Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey={PLAIN}=",
        f"host=db user=u password={PLAIN} dbname=x",
        f"SECRET_KEY_BASE={PLAIN}",
        f"JWT_SIGNING_KEY={PLAIN}",
        f"ENCRYPTION_KEY: {PLAIN}",
        f"auth_token => {PLAIN}",
        f"apiKey := {PLAIN}",
        f"passwords=['{PLAIN}', 'b']",
        f"password=[{PLAIN}",
        f"secrets: {{a: {PLAIN}}}",
        f"token=[{PLAIN}]",
        f'- name: DB_PASSWORD\n  value: "{PLAIN}"',
        f'{{"name": "API_TOKEN", "value": "{PLAIN}"}}',
        f"<password>{PLAIN}</password>",
        f"<server><id>x</id><privateKey>{PLAIN}</privateKey></server>",
        f'<property name="db.password" value="{PLAIN}"/>',
    ):
        yield text, text, PLAIN
    yield "odd letters", f"DB_PASSWORD={ODD}", ODD[3:]
    yield "AWS secret", f"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/{MIXED[:18]}", "wJalrXUtnFEMI"
    yield "AWS secret alone", f"got wJalrXUtnFEMI/K7MDENG/bPxRfiCY{MIXED[:10]} back", "K7MDENG"
    yield "short", "password=abc", "abc"
    yield "number", "password: 123456", "123456"


def _arguments() -> Iterator[tuple[str, str, str]]:
    for text in (
        f"--password {PLAIN}",
        f"--password={PLAIN}",
        f"--db-password {PLAIN}",
        f"['--api-key', '{PLAIN}']",
        f"curl -u me:{PLAIN} https://x.org",
        f"curl -sSfu 'me:{PLAIN}' https://x.org",
        f"curl --user me:{PLAIN} https://x.org",
        f"sshpass -p {PLAIN} ssh a@b",
        f"mysql -u root -p{PLAIN} shop",
        f"docker login -u me -p {PLAIN} registry.example",
        f"kubectl create secret generic x --from-literal=password={PLAIN}",
        f"docker build --build-arg NPM_TOKEN={PLAIN} .",
        f"set password to {PLAIN}; the password is '{PLAIN}'",
        f"::add-mask::{PLAIN}",
        f"//registry.x.org/:_authToken={PLAIN}",
        f"//registry.x.org/:_auth={PLAIN}",
        f"machine api.x.org login me password {PLAIN}",
        f"  password {PLAIN}",
        f"2026-01-05T10:00:00.1234567Z   password {PLAIN}",
    ):
        yield text, text, PLAIN


def _files() -> Iterator[tuple[str, str, str]]:
    yield "docker config", json.dumps({"auths": {"x": {"auth": _b64("a:" + PLAIN)}}}), _b64("a:" + PLAIN)
    yield "docker identity", json.dumps({"identitytoken": PLAIN}), PLAIN
    key = "-----BEGIN " + f"PRIVATE KEY-----\n{MIXED[:64]}\n{HEX[:60]}abcd\nkJ8s==\n-----END " + "PRIVATE KEY-----\n"
    account = json.dumps({"type": "service_account", "private_key_id": HEX[:40], "private_key": key})
    for part in (MIXED[:64], HEX[:60], "kJ8s"):
        yield f"service account {part[:4]}", account, part
        yield f"key {part[:4]}", key, part
        yield f"key without an end {part[:4]}", key.partition("-----END")[0], part
        yield f"key without a beginning {part[:4]}", key.partition("KEY-----\n")[2], part
        yield f"key in quotes {part[:4]}", f"> {key}".replace("\n", "\n> "), part
    yield "PuTTY", f"PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\n{MIXED[:64]}\nPrivate-MAC: {HEX[:40]}", HEX[:40]
    yield "kubeconfig", f"    client-key-data: {_b64(key)[:80]}", _b64(key)[10:60]


NO_SECRETS = (
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "--hash=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    '"integrity": "sha512-'
    + "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
    + '"',
    "golang.org/x/net v0.1.0 h1:hZ/3BUoy5aId7sCpA/Tc5lt8DkFgdVS2onTpJsZ/fl0=",
    "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQMFb2Z1vX8hB3m0Q",
    "md5 d41d8cd98f00b204e9800998ecf8427e",
    "123e4567-e89b-12d3-a456-426614174000",
    "123E4567-E89B-12D3-A456-426614174000",
    "actions/checkout@34e114876b0b11c390a56381ad16ebd13914f8d5",
    "ghcr.io/example/ci@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "tests/test_cart.py::test_total[1] - assert 1.0 == 9.0",
    "tests/test_token.py::test_secret_key[password] FAILED",
    "FAILED tests/auth/test_password.py::TestToken::test_api_key - KeyError: 'x'",
    "src/token.py:123: error: Incompatible types",
    "src/secrets.go:12:34: undefined: x",
    "secrets.py:4012: AssertionError",
    "at shop.TokenTest.readsSecret(TokenTest.java:1042)",
    'File "/app/password.py", line 1042, in check_password',
    "InvalidTokenError: Signature has expired",
    "jwt.exceptions.ExpiredTokenException: the lease ran out",
    "shop.services.checkout.internal.PaymentGatewayAdapterImplementation.settle",
    "shouldReturn404WhenThePaymentGatewayTimesOut",
    "test_shouldReturn200AndRefreshTheShoppingCartOfTheUser FAILED",
    "com_example_PaymentGatewayV2ClientIntegrationTest_refundsTwice",
    "password must not be empty",
    "password=None token: null",
    "password: *** token: ***",
    "password=${DB_PASSWORD} token: $TOKEN",
    "api-key: ${{ secrets.api-key }}",
    "max_tokens: 4096",
    "max_tokens=4096, prompt_tokens=123456",
    "completion_tokens: 12345 total_tokens: 23456",
    "tokenizer=Qwen/Qwen3.5-35B-A3B",
    "token_type: bearer",
    "assert tokens == 4096",
    "secret_name: shop-database",
    "TOKEN_FILE=/run/secrets/token",
    "password_min_length=12345",
    "    token = next(tokens)",
    "    password = get_password(user)",
    "ssh://git@github.com/a/b.git",
    "git+ssh://git@github.com/a/b.git",
    "https://registry.npmjs.org:443/@scope/pkg@1.0.0",
    "https://example.org/a?page=2&key_count=3",
    "docker run -u 1000:1000 image",
    "curl -fsSL https://example.org/install.sh",
    "pytest -p no:cacheprovider -q",
    "/home/runner/work/shop/shop/src/main/java/shop/Cart.java",
    "PWD=/home/runner/work/shop",
    "cookie: no such header",
    "Author: A <a@example.org>",
    "data:image/png;base64,",
    "sk-learn failed; sk-lego too",
    "E       assert 'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r' == ''",
    "X" * 80,
    "=" * 80,
    "-" * 80,
)
"""Texts of logs in which nothing is secret."""
