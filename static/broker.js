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
})();
