/** Paying the cash of an order: WeChat's own sheet; where there is none, the page that plays it. */
import type { MallPayment } from '@/api';
import { ORIGIN } from '@/api/client';

/** `asked`: the word of the payment may come any moment; `given up`; `elsewhere`: not possible here. */
export type Paid = 'asked' | 'given up' | 'elsewhere';

interface Bridge {
  invoke(name: string, params: object, hear: (told: { err_msg: string }) => void): void;
}

export function pay(payment: MallPayment): Promise<Paid> {
  // #ifdef MP-WEIXIN
  if (payment.params && !payment.fake_pay_url) {
    const { timeStamp = '', nonceStr = '', package: prepay = '', signType = 'RSA', paySign = '' } = payment.params;
    return new Promise((resolve) =>
      uni.requestPayment({
        provider: 'wxpay', orderInfo: {}, timeStamp, nonceStr, package: prepay, signType, paySign,
        success: () => resolve('asked'),
        fail: () => resolve('given up'),
      }),
    );
  }
  // #endif
  // #ifdef H5
  if (payment.fake_pay_url) {
    // Beside this page, which waits for the word of the payment; in its place where that is not allowed.
    const beside = window.open(ORIGIN + payment.fake_pay_url, '_blank');
    if (!beside) window.location.assign(ORIGIN + payment.fake_pay_url);
    return Promise.resolve('asked');
  }
  const bridge = (window as { WeixinJSBridge?: Bridge }).WeixinJSBridge;
  if (payment.params && bridge) {
    const params = payment.params;
    return new Promise((resolve) => bridge.invoke('getBrandWCPayRequest', params, ({ err_msg }) => resolve(err_msg.endsWith(':ok') ? 'asked' : 'given up')));
  }
  // #endif
  return Promise.resolve('elsewhere');
}
