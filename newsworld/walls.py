"""Walls and refusals: pages that stand in place of stories, with status 200."""

from random import Random

_SCRIPTS = {
    "cloudflare": '<script src="/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray={ray}">'
    "</script>",
    "turnstile": '<div class="cf-turnstile" data-sitekey="{ray}"></div>',
    "hcaptcha": '<script src="https://js.hcaptcha.com/1/api.js"></script>'
    '<div class="h-captcha" data-sitekey="{ray}"></div>',
    "recaptcha": '<form action="/verify"><div class="g-recaptcha" data-sitekey="{ray}"></div>'
    "</form>",
    "datadome": '<iframe src="https://geo.captcha-delivery.com/captcha/?cid={ray}"></iframe>',
    "px": '<div id="px-captcha"></div><p>Reference ID {ray}</p>',
    "incapsula": '<iframe src="/_Incapsula_Resource?CWUDNSAI=9&amp;xinfo={ray}"></iframe>',
    "waf": '<script src="https://{ray}.edge.sdk.awswaf.com/{ray}/challenge.js"></script>',
}
_CAPTCHAS = (
    ("Just a moment...", "Checking your browser before accessing {host}. This process is "
     "automatic. Your browser will redirect to your requested content shortly. Enable "
     "JavaScript and cookies to continue."),
    ("Attention Required!", "Please complete the security check to access {host}. Why do I have to "
     "complete a CAPTCHA? Completing the CAPTCHA proves you are human."),
    ("Are you a robot?", "To continue, please confirm that you are not a robot. Our systems have "
     "detected unusual traffic from your computer network."),
    ("Pardon Our Interruption", "As you were browsing {host} something about your browser made us "
     "think you were a bot. To regain access, please make sure that cookies and JavaScript are "
     "enabled."),
    ("Verify you are human", "{host} needs to review the security of your connection before "
     "proceeding. Press and hold the button below."),
    ("Security Check", "Slide right to secure your access."),
)  # fmt: skip
_CONSENTS = (
    ("Before you continue to {host}", "We use cookies and data to deliver our services, and to "
     "measure advertising. If you choose to accept all, we will also use cookies to show "
     "personalised advertising. Select more options to manage your privacy settings, consent and "
     "partners."),
    ("Your privacy is important to us", "We and our 842 partners store and access information on "
     "your device, such as cookies, for personalised advertising, advertising measurement and "
     "audience research. With your consent we and our partners may use precise location data. You "
     "can withdraw your consent in the privacy settings at any time. Some vendors process your "
     "data on the basis of a legitimate interest, to which you can object."),
    ("Cookie settings", "This site uses cookies. Strictly necessary cookies are always active. "
     "Accept all cookies, or manage your cookies and consent by purpose: performance cookies, "
     "functional cookies, advertising cookies."),
    ("Datenschutz und Werbung", "Mit Werbung weiterlesen: Wir und unsere Partner verarbeiten Daten "
     "und setzen Cookies. Ihre Einwilligung können Sie jederzeit in der Datenschutzerklärung "
     "widerrufen. Ohne Zustimmung lesen Sie mit einem Abonnement ohne Tracking und Werbung."),
)  # fmt: skip
_MISSING = (
    ("Page not found", "Sorry, the page you are looking for could not be found. It may have been "
     "moved or deleted. Try the search, or go back to the home page."),
    ("404", "Oops! That page can&#8217;t be found. It looks like nothing was found at this "
     "location."),
    ("Oops! Page not found", "We looked everywhere. Perhaps one of these stories is of interest."),
    ("This page is no longer available", "The article has expired and was removed from our "
     "archive."),
    ("Seite nicht gefunden", "Die angeforderte Seite existiert leider nicht mehr."),
)  # fmt: skip
_BLOCKS = (
    ("Access Denied", "You don't have permission to access this page on this server. Reference "
     "#18.{ray}"),
    ("Sorry, you have been blocked", "You are unable to access {host}. This website is using a "
     "security service to protect itself from online attacks. Ray ID: {ray}"),
    ("403 Forbidden", "Your request was blocked. Automated access is not permitted. Incident ID: "
     "{ray}"),
    ("Unavailable for legal reasons", "We recognise you are attempting to access this website from "
     "a country belonging to the European Economic Area, and cannot grant you access."),
)  # fmt: skip
_LOGINS = (
    ("Log in", "Log in to read on. Forgot your password? No account yet? Register for free."),
    ("Sign in to your account", "This content is for subscribers. Sign in with your e-mail."),
)
_FORM = '<form method="post"><input type="email" name="who"><input type="password" name="p"></form>'
_CHROME = (
    '<header><a href="/">{host}</a> <nav><a href="/latest">Latest</a> <a href="/about">About us</a>'
    "</nav></header>"
)
WALLS = {
    "captcha": _CAPTCHAS,
    "consent_wall": _CONSENTS,
    "soft_404": _MISSING,
    "block_page": _BLOCKS,
    "login_wall": _LOGINS,
}
"""Titles and texts by kind."""


def wall(kind: str, host: str, rng: Random) -> str:
    """Render a page of this kind: its words, its vendor and how much of the site surrounds it."""
    title, text = rng.choice(WALLS[kind])
    ray = f"{rng.getrandbits(64):016x}"
    extra = ""
    if kind == "captcha":
        extra = rng.choice(sorted(_SCRIPTS.values()))
    elif kind == "login_wall":
        extra = _FORM
    chrome = _CHROME if rng.random() < (0.2 if kind == "captcha" else 0.6) else ""
    title, text, extra, chrome = (
        part.replace("{host}", host).replace("{ray}", ray) for part in (title, text, extra, chrome)
    )
    name = f"{title} | {host}" if chrome else title
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{name}</title></head>'
        f"<body>{chrome}<main><h1>{title}</h1><p>{text}</p>{extra}</main></body></html>"
    )
