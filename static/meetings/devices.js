// Microphones, cameras, loudspeakers: opening them, choosing them, and saying what is wrong.
const cleaned = (on) => ({
  echoCancellation: on,
  noiseSuppression: on,
  autoGainControl: on,
});
const PICTURE = {
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 20, max: 24 },
};

export const chosen = {
  get: (kind) => localStorage.getItem(`earshot.${kind}`) ?? "",
  set: (kind, id) => localStorage.setItem(`earshot.${kind}`, id),
};

// What this browser lacks for a call, as a sentence; "" when it has everything.
export function missing(scope = window) {
  if (!scope.isSecureContext) {
    return "This address is not secure, so the browser keeps the microphone closed. Open it with https.";
  }
  if (!scope.navigator?.mediaDevices?.getUserMedia)
    return "This browser cannot open a microphone.";
  if (
    !scope.RTCPeerConnection ||
    !scope.RTCRtpTransceiver?.prototype.setCodecPreferences
  ) {
    return "This browser is too old for calls. Use a current Chrome, Edge, Firefox or Safari.";
  }
  return "";
}

export function explain(error, device = "microphone") {
  const says = {
    NotAllowedError: `Your ${device} is blocked. Allow it in the address bar, then press Try again.`,
    NotFoundError: `No ${device} was found. Plug one in, then press Try again.`,
    NotReadableError: `Another program uses your ${device}. Close it there, then press Try again.`,
  };
  return (
    says[error.name] ??
    `Your ${device} did not open (${error.message}). Press Try again.`
  );
}

// What the test says of a device that opened, and of a microphone that hears us.
export function opened(device, label) {
  const name = label || `Your ${device}`;
  return device === "camera"
    ? `${name} is on.`
    : `${name} is on. Say something: the meter should move.`;
}

export function heard(label) {
  return `${label || "Your microphone"} hears you.`;
}

function wanted(kind) {
  const id = chosen.get(kind);
  return id ? { deviceId: { ideal: id } } : {};
}

export async function openMicrophone() {
  const audio = {
    ...cleaned(chosen.get("sound") !== "plain"),
    ...wanted("audioinput"),
  };
  return (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks()[0];
}

export async function openCamera() {
  const video = { ...PICTURE, ...wanted("videoinput") };
  const stream = await navigator.mediaDevices.getUserMedia({ video });
  const [track] = stream.getVideoTracks();
  if (chosen.get("blur")) await blur(track, true);
  return track;
}

// Whether the background can be blurred, and left as it is.
export function canBlur(track) {
  const ways = track?.getCapabilities?.().backgroundBlur ?? [];
  return ways.includes(true) && ways.includes(false);
}

// A camera that does not blur after all shows what it sees.
export async function blur(track, on) {
  if (canBlur(track))
    await track.applyConstraints({ backgroundBlur: on }).catch(() => {});
}

// The choice, where this camera offers it
export function showBlur(root, track) {
  const box = root.querySelector("[data-blur]");
  box.closest("label").hidden = !canBlur(track);
  box.checked = Boolean(chosen.get("blur"));
}

// Fill each <select data-devices="kind"> below `root`; an empty kind says so.
export async function fillSelects(root) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const select of root.querySelectorAll("select[data-devices]")) {
    const kind = select.dataset.devices;
    const found = devices.filter((device) => device.kind === kind && device.deviceId);
    select.replaceChildren(...found.map((device, n) => option(device, n)));
    select.disabled = !found.length;
    if (!found.length) select.append(new Option("None found or not allowed yet", ""));
    if (found.some(({ deviceId }) => deviceId === chosen.get(kind)))
      select.value = chosen.get(kind);
  }
}

function option({ deviceId, label, kind }, n) {
  const name = {
    audioinput: "Microphone",
    videoinput: "Camera",
    audiooutput: "Loudspeaker",
  }[kind];
  return new Option(label || `${name} ${n + 1}`, deviceId);
}
