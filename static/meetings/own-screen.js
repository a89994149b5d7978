// Our own screen: opening it, and saying what is wrong.
const PICTURE = {
  frameRate: { ideal: 10, max: 15 },
  width: { max: 1920 },
  height: { max: 1200 },
};
// Sound as it is. What the call itself plays is left out where the browser can do that.
const SOUND = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  suppressLocalAudioPlayback: false,
  restrictOwnAudio: true,
};

export function canShare(scope = navigator) {
  return Boolean(scope.mediaDevices?.getDisplayMedia);
}

// {video, audio}; audio is null where the browser gives no sound of it.
export async function openScreen() {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: PICTURE,
    audio: SOUND,
    systemAudio: "include",
    surfaceSwitching: "include",
  });
  const [video] = stream.getVideoTracks();
  const [audio = null] = stream.getAudioTracks();
  video.contentHint = "detail"; // letters stay sharp, and move less smoothly
  return { video, audio };
}

// Why a screen did not open, as a sentence; "" where the person chose none.
export function whyNot({ name, message }) {
  if (name === "NotAllowedError" && !/system/i.test(message)) return "";
  if (name === "NotAllowedError")
    return "Your computer does not let the browser see the screen. Allow it in the computer's privacy settings, then share again.";
  return `Your screen did not open (${message}). Share it again.`;
}
