#include "good.h"

static void job_main(void *memory) {
  job *work = (job *)memory;
  work->run(work);
  mutex_lock(&work->self->lock);
  work->finished = 1;
  mutex_unlock(&work->self->lock);
}

/* Joins finished threads, so that they do not accumulate; with `all` it waits for the others too. */
static void jobs_reap(good *self, int all) {
  job *done = NULL;
  job **link;
  mutex_lock(&self->lock);
  link = &self->jobs;
  while (*link != NULL) {
    job *each = *link;
    if (!all && !each->finished) {
      link = &each->next;
      continue;
    }
    *link = each->next;
    each->next = done;
    done = each;
  }
  mutex_unlock(&self->lock);
  while (done != NULL) {
    job *next = done->next;
    thread_join(done->worker);
    free(done);
    done = next;
  }
}

int32_t job_start(good *self, const aisopod_request *request, aisopod_reply *reply, uint64_t ms, void (*run)(job *)) {
  job *work;
  int started;
  jobs_reap(self, 0);
  work = (job *)calloc(1, sizeof *work);
  if (work == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  work->self = self;
  work->run = run;
  work->ms = ms;
  work->ticket = aisopod_ticket_of(self->host, request);
  /* Under the lock, so that the job cannot be reaped before its thread is known. */
  mutex_lock(&self->lock);
  started = thread_start(&work->worker, job_main, work);
  if (started) {
    work->next = self->jobs;
    self->jobs = work;
  }
  mutex_unlock(&self->lock);
  if (started) return AISOPOD_PENDING;
  free(work);
  return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
}

static int job_should_stop(job *work) {
  int stopping;
  mutex_lock(&work->self->lock);
  stopping = work->self->stopping;
  mutex_unlock(&work->self->lock);
  return stopping || aisopod_ticket_cancelled(&work->ticket);
}

int job_pause(job *work, uint64_t ms) {
  uint64_t end = now_ms() + ms;
  while (!job_should_stop(work)) {
    if (now_ms() >= end) return 1;
    sleep_ms(1);
  }
  return 0;
}

void jobs_stop(good *self) {
  mutex_lock(&self->lock);
  self->stopping = 1;
  mutex_unlock(&self->lock);
  jobs_reap(self, 1);
}
