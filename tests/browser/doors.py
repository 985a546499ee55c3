"""Logging in and out at the page, by the keyboard alone, in both languages."""
import os
import re

from rig import wait

PASSWORD = "first administrator 1"
DOOR = "document.getElementById('door')"


def _title(b):
    return b.js(f"return {DOOR}.open ? document.getElementById('door-title').textContent : null")


def _door(b, title):
    b.until(f"the door says {title}", f"{DOOR}.open && document.getElementById('door-title').textContent === arguments[0]", title)


def _focus(b):
    return b.js("const a = document.activeElement; return a.name || a.textContent")


def _tab_to(b, what):
    for _ in range(20):
        if _focus(b) == what:
            return True
        b.press("Tab")
    return False


def doors(t, b, site):
    link = wait("the first link is shown", lambda: re.search(r"/#welcome=([0-9a-f]{64})", site.log("aggregator"))).group(1)
    b.open(site.url("lang=en&theme=light"))
    _door(b, "Log in")
    t.equal("nothing of the plant is shown", b.js("return [document.querySelectorAll('.tile').length, document.title]"), [0, "Plantbus"])
    t.equal("one may type at once", _focus(b), "user")
    b.press(*"admin", "Tab", *"wrong password x", "Enter")
    b.until("it is refused", f"{DOOR}.querySelector('.said').textContent !== ''")
    t.equal("in words", b.js(f"return {DOOR}.querySelector('.said').textContent"), "User or password is not right.")
    t.equal("and asked again", _focus(b), "password")
    b.picture(os.path.join(site.build, "..", "screens", "login.png"))
    b.press("Escape")
    b.until("Escape closes it", f"!{DOOR}.open")
    b.open(site.url("lang=en") + "#welcome=" + link)
    _door(b, "Set password")
    t.equal("the link leaves the address", b.js("return location.hash"), "")
    b.press(*PASSWORD, "Tab", *(PASSWORD + "0"), "Enter")
    b.until("two passwords are seen", f"{DOOR}.querySelector('.said').textContent !== ''")
    b.press("Backspace", "Enter")
    b.until("logged in", "document.getElementById('account').textContent === 'admin' && document.querySelector('.tile') !== null", seconds=20)
    t.equal("the door is open", _title(b), None)
    t.check("no secret is within a script's reach", b.js("return document.cookie") == "")
    b.open(site.url("lang=vi"))
    b.until("still logged in", "document.getElementById('account').textContent === 'admin' && document.querySelector('.tile') !== null", seconds=20)
    t.check("the button is reached by the keyboard", _tab_to(b, "admin"))
    b.press("Enter")
    _door(b, "admin")
    t.check("the role in the reader's language", "Vai trò: quản trị" in b.js(f"return {DOOR}.textContent"))
    t.check("so is logging out", _tab_to(b, "Đăng xuất"))
    b.press("Enter")
    _door(b, "Đăng nhập")
    t.equal("the machines are gone", b.js("return document.querySelectorAll('.tile').length"), 0)
    b.press(*"admin", "Tab", *PASSWORD, "Enter")
    b.until("and in again", "document.getElementById('account').textContent === 'admin' && document.querySelector('.tile') !== null", seconds=20)
