/* Small comforts; every page works without them. */
(function () {
  "use strict";

  // A page with errors starts at its summary, so that nobody has to look for what went wrong.
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();

  // A second press within two seconds is a slip of the finger, not a second order.
  let sentAt = 0;
  document.addEventListener("submit", function (event) {
    if (event.target.getAttribute("method") !== "post") return;
    if (event.timeStamp - sentAt < 2000 && sentAt) event.preventDefault();
    else sentAt = event.timeStamp;
  });

  // A page that waits looks again quietly: only its status changes, so that nobody loses their place while reading.
  const seconds = Number(document.body.dataset.refresh);
  function lookAgain() {
    fetch(location.href)
      .then((answer) => answer.text())
      .then(function (text) {
        const page = new DOMParser().parseFromString(text, "text/html");
        if (!page.body.dataset.refresh) return location.reload();
        const [old, fresh] = [document, page].map((one) => one.querySelector("[role=status]"));
        if (old && fresh && old.textContent !== fresh.textContent) old.replaceChildren(...fresh.childNodes);
        setTimeout(lookAgain, seconds * 1000);
      })
      .catch(() => setTimeout(lookAgain, seconds * 1000));
  }
  if (seconds) setTimeout(lookAgain, seconds * 1000);
})();
