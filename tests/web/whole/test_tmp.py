from tests.web.whole.filled import Filled
from tests.web.whole.browsers import browsers
from tests.web.whole.samples import samples, missing
import time
def test_x(site):
    f=Filled.of(site); b=browsers(f); ss=samples(f,b)
    print(missing(ss))
    for s in ss:
        t=time.time()
        a=b.by[s.who].get(s.path)
        if a.status_code!=200: print(s, a.status_code, a.headers.get("Location"), (a.content.decode()[:0]))
        elif time.time()-t>.5: print(s.name,time.time()-t)
