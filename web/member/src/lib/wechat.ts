/** Signing in inside WeChat: a login code, exchanged by our API for a member's token. */
import { api } from '@/api';
import { Problem } from '@/api/problem';
import type { MemberToken } from '@/api/types';

export async function signInByWechat(): Promise<MemberToken> {
  const code = await new Promise<string>((resolve, reject) => {
    uni.login({
      provider: 'weixin',
      success: ({ code }) => resolve(code),
      fail: ({ errMsg }) => reject(new Problem('offline', 0, 'wechat_login', errMsg ?? '')),
    });
  });
  return api.signInByWechat(code);
}
