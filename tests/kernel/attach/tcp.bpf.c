// SPDX-License-Identifier: GPL-2.0
/*
 * A congestion control: another user of struct_ops links, for which our flag means
 * nothing and must not be ignored.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
} __attribute__((preserve_access_index));

char tcp_license[] SEC("license") = "GPL";

SEC("struct_ops/flag_ssthresh")
__u32 BPF_PROG(flag_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/flag_cong_avoid")
void BPF_PROG(flag_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops/flag_undo_cwnd")
__u32 BPF_PROG(flag_undo_cwnd, struct sock *sk)
{
	return 2;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops flag_test = {
	.ssthresh	= (void *)flag_ssthresh,
	.cong_avoid	= (void *)flag_cong_avoid,
	.undo_cwnd	= (void *)flag_undo_cwnd,
	.name		= "flag_test",
};
