// Whether a nameless function means itself by the name of the variable or property that holds it.
import { assertEquals } from "@std/assert";
import { isNameless, meansItself } from "../../scheduling/_base/own_name.ts";

const itself: readonly string[] = [
  "(n)=>n * 2",
  "(n)=>n < 2 ? 1 : n * f(n - 1)",
  "async (n)=>n < 2 ? 1 : n * await f(n - 1)",
  "(n)=>n && f(n - 1)",
  "(n)=>{ if (n < 1) return 0; return f(n - 1); }",
  "(n)=>{ for (const x of n) f(x); }",
  "(n)=>{ try { f(n); } catch { return; } }",
  "function(n) { return n ? f(n - 1) : 0; }",
  "(node)=>node.children.map((c)=>f(c))",
  "(node)=>node.children.flatMap(f)",
  "()=>{ setTimeout(f, 10); }",
  "(n)=>n.stop?.() ?? f(n)",
  "(n, m = f(n))=>n",
  // Another one, whatever f means around it.
  "(f)=>f(1)",
  "(n)=>n.f(n)",
  "(n)=>({ f(x) { return x; } })",
  "(n)=>{ function f(x) { return x; } return f(n); }",
  // No use of it.
  '(n)=>"f(n)"',
  "(n)=>{ return 1; /* f(n) */ }",
  "(n)=>of(n)",
  // What functions have.
  "(n)=>f.length + n",
  "(n)=>n ? f.call(null, n - 1) : 0",
  "(n)=>{ f.cache ??= new Map(); return n ? f(n - 1) : 0; }",
  "(n)=>{ const cache = f.cache ?? (f.cache = []); return cache[n]; }",
  "(n)=>n ? f`x` : 1",
];

const another: readonly string[] = [
  "(n)=>f(n)",
  "n=>f(n)",
  "async (n)=>await f(n)",
  "async n=>f(n)",
  "(...args)=>f(...args)",
  "({ a, b })=>f(a, b)",
  "(n)=>[...f(n)]",
  "(n)=>1 + f(n)",
  "(n)=>({ r: f(n) })",
  "(n)=>{ return f(n, 'a'); }",
  "(n)=>{\n  // the other one\n  const r = f(n);\n  return r;\n}",
  "(n)=>{ console.log('in', n); return f(n); }",
  "function(n) { return f(n); }",
  "async function(n) { await 1; return await f(n); }",
  // What no function is or has.
  "(d)=>new f(d).fit()",
  "(d)=>d ? new f(d) : null",
  "(n)=>f.train(n)",
  "(n)=>n ? f.train(n) : 0",
  "(n)=>n * f.factor",
  "(x)=>{ f?.info(x); }",
  "(n)=>n * f",
  "(n)=>f - n",
  "(n)=>n ? f[n] : 0",
  "()=>{ for (const r of f) r(); }",
];

Deno.test("meansItself() accepts names that may mean the function", () => {
  assertEquals(itself.filter((source) => !meansItself(source, "f")), []);
});

Deno.test("meansItself() refuses names that must mean another value", () => {
  assertEquals(another.filter((source) => meansItself(source, "f")), []);
});

Deno.test("meansItself() reads any name that a variable may have", () => {
  for (const name of ["$", "$f", "größe", "_x1"]) {
    assertEquals(meansItself(`(n)=>${name}(n)`, name), false, name);
    assertEquals(meansItself(`(n)=>n ? ${name}(n - 1) : 0`, name), true, name);
  }
});

Deno.test("isNameless() recognizes functions without a name in their source", () => {
  const nameless = [
    "(n)=>n",
    "n=>n",
    "async (n)=>n",
    "async n=>n",
    "function(n) {}",
    "async function() {}",
  ];
  assertEquals(nameless.filter((source) => !isNameless(source)), []);
  const named = [
    "function f(n) {}",
    "async function f() {}",
    "f(n) {}",
    "get f() {}",
    "async f() {}",
  ];
  assertEquals(named.filter(isNameless), []);
});
