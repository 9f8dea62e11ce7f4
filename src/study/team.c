#include "study/team.h"

#include <omp.h>
#include "base/threads.h"

int team_run(int threads, team_member *member, void *context)
{
    int count = threads_available(threads);
    omp_set_dynamic(0);
#pragma omp parallel num_threads(count)
    member(context, omp_get_thread_num());
    return count;
}
