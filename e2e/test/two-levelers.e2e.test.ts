// One after the other in one laboratory, which each leaves whole; operators plug in a third server, ties bring a service.
import './drain.ts';
import './caretaker.ts';
import './operators.ts';
import './ties.ts';
