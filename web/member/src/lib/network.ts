/** Whether the device is on the network, and who wants to hear when it comes back. */
import { onUnmounted, reactive } from 'vue';

export const network = reactive({ online: true });
const waiting = new Set<() => void>();

export function watchNetwork(): void {
  uni.getNetworkType({ success: ({ networkType }) => (network.online = networkType !== 'none') });
  uni.onNetworkStatusChange(({ isConnected }) => {
    network.online = isConnected;
    if (isConnected) for (const again of [...waiting]) again();
  });
}

/** Call `again` whenever the network is back, as long as the component lives. */
export function onBackOnline(again: () => void): void {
  waiting.add(again);
  onUnmounted(() => waiting.delete(again));
}
