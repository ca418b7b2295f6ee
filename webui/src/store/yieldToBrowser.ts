/** Yields the main thread to input and rendering. By a MessageChannel: timers are throttled to a second in a hidden tab. */
export function yieldToBrowser(): Promise<void> {
  return new Promise((go) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      go()
    }
    port2.postMessage(undefined)
  })
}
