// Looks at the page from inside: put there before its own scripts run. Knows nothing of how the page is made.
window.probe = (() => {
  const seen = { errors: [], violations: [], tilesAt: null, longest: 0 };
  addEventListener("error", (e) => seen.errors.push(String(e.message)));
  addEventListener("unhandledrejection", (e) => seen.errors.push(String(e.reason)));
  document.addEventListener("securitypolicyviolation", (e) => seen.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  new MutationObserver((_, me) => {
    if (!document.querySelector(".tile")) return;
    seen.tilesAt = performance.now();
    me.disconnect();
  }).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) seen.longest = Math.max(seen.longest, e.duration);
  }).observe({ type: "longtask", buffered: true });

  const shown = (n) => n.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true, contentVisibilityAuto: false });
  function* texts() {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode())
      if (n.data.trim() && shown(n.parentElement) && n.parentElement.closest("noscript, script") === null) yield n;
  }

  // WCAG 2.1, 1.4.3: relative luminance and contrast. Colours are read back from a canvas, so that any CSS colour
  // is understood.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  function rgba(css) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  function luminance([r, g, b]) {
    const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  }
  // The colours that may stand behind an element: of a pattern every one of its colours.
  function grounds(el) {
    const layers = [];
    for (let n = el; n; n = n.parentElement) {
      const style = getComputedStyle(n), image = style.backgroundImage.match(/(rgba?|color|oklab|oklch|lab)\([^()]*\)/g);
      layers.push(image && image.length ? image.map(rgba) : [rgba(style.backgroundColor)]);
      if (layers.at(-1).every((c) => c[3] === 1)) break;
    }
    return layers.reduceRight((below, layer) => below.flatMap((b) => layer.map((c) => over(c, b))), [[255, 255, 255, 1]]);
  }
  function contrast(el) {
    const faded = [];
    let opacity = 1;
    for (let n = el; n; n = n.parentElement) opacity *= Number(getComputedStyle(n).opacity);
    for (const ground of grounds(el)) {
      const colour = rgba(getComputedStyle(el).color), ink = over([...colour.slice(0, 3), colour[3] * opacity], ground);
      const [hi, lo] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
      faded.push((hi + 0.05) / (lo + 0.05));
    }
    return Math.min(...faded);
  }
  const hidden = (el) => el.closest(".aside") || (el.closest(".skip") && !el.closest(":focus"));
  return {
    seen,
    texts: () => [...texts()].map((n) => n.data.trim()),
    // Ids that were not translated: words of the API with an underscore, or what a value never was.
    raw: (names) => [...texts()].map((n) => n.data).filter((t) => /\b[a-z]+(_[a-z]+)+\b|undefined|\bNaN\b|\bnull\b|\[object/.test(t) && !names.some((x) => t.includes(x))),
    faint: (least) => [...texts()].map((n) => [n.parentElement, n.data.trim().slice(0, 30)]).filter(([el]) => !hidden(el))
      .map(([el, t]) => [Math.round(contrast(el) * 100) / 100, t, el.className]).filter(([c]) => c < least),
    tiles: () => [...document.querySelectorAll(".tile")].map((n) => ({
      unit: n.dataset.unit, state: n.dataset.state, stale: n.classList.contains("stale"), word: n.querySelector(".state").textContent,
      shape: n.querySelector("path").getAttribute("d"), colour: getComputedStyle(n.querySelector(".state")).color,
      edge: getComputedStyle(n).borderTopStyle, text: n.textContent })),
    sentence: () => [...document.querySelectorAll(".sentence")].map((n) => n.lastElementChild.textContent).join("|"),
    mark: () => document.querySelector(".verdict")?.dataset.mark,
    classes: () => [...document.querySelectorAll("[data-class]")].filter((n) => n.getBoundingClientRect().height > 0).map((n) => n.dataset.class),
    focus: () => {
      const n = document.activeElement, style = getComputedStyle(n);
      return { tag: n.tagName, name: n.dataset.open || n.dataset.window || n.id || n.textContent.trim(), tile: n.classList.contains("tile"),
        visible: n.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    },
    focusable: () => [...document.querySelectorAll("a[href], button, summary, [tabindex]")].filter((n) => n.tabIndex >= 0 && shown(n)).length,
    // Milliseconds between frames, while the page lives on by itself.
    frames: (n) => new Promise((done) => {
      const times = [];
      requestAnimationFrame(function next(t) {
        times.push(t);
        if (times.length > n) done(times.slice(1).map((x, i) => x - times[i]));
        else requestAnimationFrame(next);
      });
    }),
  };
})();
