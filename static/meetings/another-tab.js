// The sound of another tab: whether this browser gives it, and asking for it.

// Why a call in another tab cannot be recorded here, as a sentence; "" when it can.
export function whyNoTab(scope = window) {
  const devices = scope.navigator?.mediaDevices;
  if (!scope.isSecureContext)
    return "This address is not secure, so the browser gives no sound. Open it with https.";
  // Firefox and Safari share pictures alone, phones nothing; they do not know this word.
  const knows = devices?.getSupportedConstraints?.().suppressLocalAudioPlayback;
  if (!devices?.getDisplayMedia || !knows)
    return "This browser does not give the sound of other tabs.";
  return "";
}

// As it is, and still heard in its own tab; what our own page plays is left out.
const SOUND = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  suppressLocalAudioPlayback: false,
  restrictOwnAudio: true,
};
// No browser gives sound alone: the picture is asked for as small as it goes, and unsent.
const PICTURE = {
  displaySurface: "browser",
  width: { max: 160 },
  frameRate: { max: 1 },
};

// {sound, stop}; `sound` is null where the person shared none. `onEnded`: called when the
// tab is closed, or sharing is stopped by the browser's own bar. Rejects as
// getDisplayMedia does.
export async function openTab(onEnded) {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: PICTURE,
    audio: SOUND,
    selfBrowserSurface: "exclude",
    surfaceSwitching: "exclude",
    systemAudio: "include",
  });
  const tracks = stream.getTracks();
  const stop = () => {
    for (const track of tracks) {
      track.onended = null;
      track.stop();
    }
  };
  const [sound = null] = stream.getAudioTracks();
  if (!sound) stop();
  for (const track of tracks)
    track.onended = () => {
      stop();
      onEnded();
    };
  return { sound, stop };
}
