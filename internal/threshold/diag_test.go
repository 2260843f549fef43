package threshold
import ("testing";"math/rand/v2";"fmt")
func TestDiag(t *testing.T){
 rng := rand.New(rand.NewPCG(5, 2))
 k := plant{123456,0.3,rng}
 safe,broken,_ := k.climb(1)
 fmt.Println("ladder",safe,broken)
 s:=New(safe,broken)
 var probes []Probe
 for {
  d:=s.Next(probes)
  if d.Done {fmt.Printf("%+v\n",d.Result);break}
  f:=k.fails(d.Size)
  fmt.Printf("%d try %d failed %v | %d..%d conf %.3f rate %.2f..%.2f\n",len(probes),d.Size,f,d.Result.Low,d.Result.High,d.Result.Confidence,d.Result.RateLow,d.Result.RateHigh)
  probes=append(probes,Probe{d.Size,f})
 }
}
