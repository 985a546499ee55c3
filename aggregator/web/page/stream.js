// The live stream of one place: reconnects by itself, tells what it hears. Holds no figures.

const AGAIN_MIN_MS = 1000, AGAIN_MAX_MS = 15000;

// on: {plant(data, epoch), change(data, epoch), time(data), broken(), refused() -> promise}
export function streamOf(on) {
  let source = null, retry = AGAIN_MIN_MS;
  function again(what) {
    setTimeout(what, retry);
    retry = Math.min(retry * 2, AGAIN_MAX_MS);
  }
  function listen(node, window) {
    if (source) source.close();
    const s = new EventSource(`api/v1/stream?node=${encodeURIComponent(node)}&window=${window}`);
    source = s;
    const heard = (what) => (e) => {
      retry = AGAIN_MIN_MS;
      what(JSON.parse(e.data), e.lastEventId.split("-")[0]);
    };
    for (const kind of ["plant", "change", "time"]) s.addEventListener(kind, heard(on[kind]));
    s.onerror = () => { // without an answer it tries again by itself; after a refusal it gives up
      on.broken();
      if (s.readyState === EventSource.CLOSED) again(() => { if (source === s) on.refused(); });
    };
  }
  function rest() {
    if (source) source.close();
    source = null;
  }
  return { listen, again, rest, get resting() { return source === null; } };
}
