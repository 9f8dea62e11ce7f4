#include <basin/error.h>

int main(void)
{
    return basin_status_exit(BASIN_OK);
}
