/** The alert sound: two short tones by Web Audio, not a file. Browsers allow sound after the first user gesture. */
let audio: AudioContext | undefined

/** Unlocks audio at the first user gesture. */
export function unlockAudio(): void {
  const touched = () => {
    audio ??= new AudioContext()
    void audio.resume()
  }
  for (const name of ['pointerdown', 'keydown']) window.addEventListener(name, touched, { once: true })
}

const TONES = [660, 880]
const LENGTH_S = 0.14

export function playSound(): void {
  if (audio?.state !== 'running') return
  for (const [index, pitch] of TONES.entries()) {
    const start = audio.currentTime + index * LENGTH_S
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.12, start)
    volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH_S)
    tone.connect(volume).connect(audio.destination)
    tone.start(start)
    tone.stop(start + LENGTH_S)
  }
}
