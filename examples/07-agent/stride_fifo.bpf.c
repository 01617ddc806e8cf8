// SPDX-License-Identifier: GPL-2.0
/*
 * stride_fifo - what the agent does, all of it in BPF: reads ahead as stride, evicts in the
 * order of arrival. To compare the two.
 *
 * Good: as stride; as fifo.
 * Loses: as these.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_stride.bpf.h>
#include <swap_ext/queue.bpf.h>

#include "agent.h"

#define FIFO	1	/* the one queue */

SWAP_PROCESS_STATE(processes, struct stride_process);
SWAP_PROCESS_STATE(threads, struct stride_thread);

struct fifo {
	struct swap_queue queue[1];
};
SWAP_ATTACHMENT_STATE(fifos, struct fifo);

s32 BPF_STRUCT_OPS(stride_fifo_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct stride_process *sp = swap_process_state(f, &processes);
	u64 page = swap_fault_page(f);
	struct stride_thread *st;
	struct stride_stream *s;

	if (!sp)
		return SWAP_EXT_PF_DEFAULT;
	if (f->flags & SWAP_EXT_F_SYNC_IO)
		return SWAP_EXT_PF_NONE;
	s = stride_resume(sp, page, AGENT_MAX_WINDOW);
	if (!stride_is_sure(s, page)) {
		st = swap_thread_state(f, &threads);
		s = st ? stride_explain(sp, st, s, page, AGENT_MAX_WINDOW) : NULL;
		if (!s)
			return SWAP_EXT_PF_NONE;
	}
	stride_plan(sp, s, f, plan);
	return SWAP_EXT_PF_PLAN;
}

void BPF_STRUCT_OPS(stride_fifo_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct fifo *fifo = swap_attachment_state(p, &fifos);
	struct swap_queued *page = swap_queued(folio);

	if (!fifo || !page)
		return;
	if (p->flags & SWAP_EXT_P_MOVED)
		swap_queue_moved(p->cgroup_id, page, p->page);
	else
		swap_queue_push(&fifo->queue[0], FIFO, p->cgroup_id, page, p->page);
}

void BPF_STRUCT_OPS(stride_fifo_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct fifo *fifo = swap_attachment_state(e, &fifos);
	struct swap_queue *q;
	struct folio *folio;
	u32 end, nr = 0;
	u64 handle;

	if (!fifo)
		return;
	q = &fifo->queue[0];
	end = q->nr_out + SWAP_QUEUE_LOOKS;
	while (swap_queue_before(q->nr_out, end) && !swap_queue_is_empty(q) &&
	       nr < e->nr_wanted && swap_can_loop) {
		folio = swap_queue_pop(q, FIFO, e, victims, &handle);
		if (!folio)
			continue;
		nr += !bpf_swap_victim(victims, folio, 0);
		bpf_swap_folio_put(folio);
	}
}

SWAP_QUEUE_INIT_EXIT(stride_fifo, fifos, struct fifo)

SWAP_POLICY(stride_fifo, "read ahead as stride, evict in the order of arrival",
	    .init = (void *)stride_fifo_init,
	    .exit = (void *)stride_fifo_exit,
	    .prefetch = (void *)stride_fifo_prefetch,
	    .added = (void *)stride_fifo_added,
	    .evict = (void *)stride_fifo_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
