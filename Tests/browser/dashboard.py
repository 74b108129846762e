"""The dashboard in a browser: dashboard.py OPEN LOCKED PROFILE, the first two being servers such as http://127.0.0.1:8080, the second with a key.

Prints what it counted; fails where an event touches what it does not concern, or a page breaks its own Content-Security-Policy.
"""

import json
import sys
import urllib.error
import urllib.request

from browser import Browser

base, locked, profile = sys.argv[1:4]

# Marks every row as it stands now, and writes down which of them change from here on. A time of the kind "12 s ago" changes because time passes: it is
# counted by itself.
COUNT = """
window.rows = [...document.querySelectorAll("%(rows)s")];
window.touched = { rows: new Set(), elsewhere: [], clocks: 0, added: 0 };
new MutationObserver((records) => {
  for (const record of records) {
    const element = record.target.nodeType === 1 ? record.target : record.target.parentElement;
    if (element.closest("#live, .bottom, #stream-state") || element.id === "content") continue;
    const row = element.closest("%(rows)s");
    const cell = element.closest("td, dd, span.soft, time");
    if (cell?.querySelector(":scope > time") || element.closest("time")) touched.clocks += 1;
    else if (row) touched.rows.add(row.dataset.key);
    else {
      touched.added += record.addedNodes.length;
      touched.elsewhere.push(element.closest("[data-part]")?.dataset.part ?? element.id);
    }
  }
}).observe(document.getElementById("content"), { subtree: true, childList: true, attributes: true, characterData: true });
window.found = () => ({
  rows: [...touched.rows], elsewhere: [...new Set(touched.elsewhere)], clocks: touched.clocks, added: touched.added, all: rows.length,
  kept: rows.filter((row) => row.isConnected).length,
});
true
"""


def request(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(base + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(asked) as reply:
        return json.load(reply)


def until(browser, condition):
    """Resolves as soon as a change of the page makes it true; fails after 20 s."""
    found = browser.evaluate(
        "new Promise((resolve) => { const look = () => { if (" + condition + ") resolve(true); }; "
        "new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true }); "
        "document.addEventListener('martlet:refreshed', look); setTimeout(() => resolve(false), 20000); look(); })")
    assert found, condition


def rows_of_the_list(browser):
    """One of fifty jobs changes: its row is touched, and all others are the same elements as before."""
    ids = [request("POST", "/v1/jobs", {"kind": "seen", "queue": "browser", "payload": n})["id"] for n in range(50)]
    browser.open(f"{base}/jobs?queue=browser")
    browser.evaluate(COUNT % {"rows": "tbody tr[data-key]"})
    job = request("POST", "/v1/claim", {"node": "browser-test", "kinds": ["seen"], "limit": 1})["jobs"][0]
    request("POST", f"/v1/leases/{job['id']}/settle", {"epoch": job["lease"]["epoch"], "outcome": "succeeded", "result": 1})
    until(browser, f"document.querySelector('tr[data-key=\"{job['id']}\"]').textContent.includes('succeeded')")
    found = browser.evaluate("found()")
    print(f"S0-31 the list of jobs: {len(found['rows'])} of {found['all']} rows touched, {found['kept']} kept, elsewhere {found['elsewhere']}")
    assert found["rows"] == [job["id"]], found
    assert found["kept"] == found["all"] == len(ids), found
    assert set(found["elsewhere"]) <= {"tabs"}, found


def lines_of_a_job(browser):
    """A job says something: one line is added, and nothing else is touched."""
    made = request("POST", "/v1/jobs", {"kind": "talks", "queue": "browser", "payload": {}})["id"]
    job = request("POST", "/v1/claim", {"node": "browser-test", "kinds": ["talks"], "limit": 1})["jobs"][0]
    assert job["id"] == made

    def say(text):
        request("POST", f"/v1/leases/{made}/events", {"epoch": job["lease"]["epoch"], "events": [{"type": "log", "data": {"message": text}}]})

    say("one")
    browser.open(f"{base}/jobs/{made}")
    until(browser, "document.getElementById('stream-state').textContent === 'connected' && document.querySelector('#events li')")
    browser.evaluate(COUNT % {"rows": "#events li"})
    say("two")
    until(browser, "document.getElementById('events').textContent.includes('two')")
    found = browser.evaluate("found()")
    print(f"S0-31 the page of a job: {found['added']} line added to {found['all']}, {found['kept']} kept, elsewhere {found['elsewhere']}")
    assert found["added"] == 1 and found["kept"] == found["all"], found
    assert found["elsewhere"] == ["events"] and found["rows"] == [], found
    return made


def every_page(browser, job):
    """No page breaks the policy that it is served with, and none throws."""
    request("PUT", "/v1/triggers/browser", {"cron": "0 3 * * *", "job": {"kind": "seen", "payload": {}}})
    pages = [base + path for path in ("/", "/jobs", "/jobs?phase=finished", f"/jobs/{job}", "/queues/browser", "/triggers", "/jobs/none")]
    pages.append(f"{locked}/sign-in")
    for page in pages:
        try:
            with urllib.request.urlopen(page) as reply:
                policy, status = reply.headers["Content-Security-Policy"], reply.status
        except urllib.error.HTTPError as error:
            policy, status = error.headers["Content-Security-Policy"], error.code
        assert policy and "'unsafe" not in policy and "default-src 'none'" in policy, (page, policy)
        browser.faults.clear()
        browser.open(page)
        assert browser.evaluate("document.querySelector('main') !== null"), page
        violations = browser.evaluate("window.violations")
        # That the page itself was not found is what was asked for.
        faults = [fault for fault in browser.faults if status == 200 or f"status of {status}" not in fault]
        assert violations == [] and faults == [], (page, violations, faults)
    print(f"{len(pages)} pages under their Content-Security-Policy: 0 violations, 0 errors")
    # The watch itself works: a script in the page is refused, and seen.
    browser.evaluate("const script = document.createElement('script'); script.textContent = 'window.ran = 1'; document.body.append(script)")
    assert browser.evaluate("window.ran === undefined && new Promise((resolve) => setTimeout(() => resolve(violations.length), 0))") == 1


browser = Browser(profile)
try:
    rows_of_the_list(browser)
    job = lines_of_a_job(browser)
    every_page(browser, job)
finally:
    browser.close()
