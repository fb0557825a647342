// The form of a stock document: what is scanned is sent one after the other without losing a key, and the camera reads
// barcodes where the browser can. Without this file the same form works, a page a line.
export function scan() {
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  const field = form.elements.code;
  const waiting = [];
  let busy = false;

  const send = async () => {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      const body = new URLSearchParams(new FormData(form));
      body.set("code", waiting.shift());
      body.set("do", "add");
      try {
        const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const id of ["scan-said", "stock-lines"]) {
          const [old, fresh] = [document.getElementById(id), next.getElementById(id)];
          if (old && fresh) old.replaceWith(document.adoptNode(fresh));
        }
      } catch {
        // Not sent: the code goes back into its field, and the next Enter tries again.
        field.value = body.get("code");
        break;
      }
    }
    busy = false;
    field.focus();
  };
  const take = (code) => {
    if (code.trim() === "") return;
    waiting.push(code.trim());
    send();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const code = field.value;
    field.value = "";
    take(code);
  });
  camera(form, take);
}

// A code is taken again only after it was out of sight, so that one box is one piece.
function camera(form, take) {
  const place = document.getElementById("camera");
  if (!place) return;
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) {
    const words = document.createElement("p");
    words.className = "help";
    words.textContent = form.dataset.scanNone;
    place.before(words);
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = form.dataset.scanCamera;
  form.querySelector(".scan").append(button);
  const video = place.querySelector("video");
  let stream = null;
  let seen = "";
  let missed = 0;

  const stop = () => {
    stream?.getTracks().forEach((t) => t.stop());
    stream = null;
    place.hidden = true;
    button.textContent = form.dataset.scanCamera;
  };
  const look = async (detector) => {
    if (!stream) return;
    const found = await detector.detect(video).catch(() => []);
    const code = found[0]?.rawValue ?? "";
    if (code === "") missed += 1;
    if (missed > 4) seen = "";
    if (code !== "") {
      missed = 0;
      if (code !== seen) {
        seen = code;
        navigator.vibrate?.(60);
        take(code);
      }
    }
    setTimeout(() => look(detector), 200);
  };
  button.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      button.textContent = form.dataset.scanRefused;
      return;
    }
    video.srcObject = stream;
    place.hidden = false;
    button.textContent = form.dataset.scanStop;
    await video.play();
    look(new BarcodeDetector());
  });
  addEventListener("pagehide", stop);
}
