/** Two short tones, made here: nothing has to be loaded. A browser lets a page be heard once it has been touched. */
let audio: AudioContext | undefined

/** Listen for the first touch, from which on the page may be heard. */
export function allowSound(): void {
  const touched = () => {
    audio ??= new AudioContext()
    void audio.resume()
  }
  for (const name of ['pointerdown', 'keydown']) window.addEventListener(name, touched, { once: true })
}

const TONES = [660, 880]
const LENGTH_S = 0.14

export function chime(): void {
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
