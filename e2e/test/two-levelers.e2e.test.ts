// One after the other in one laboratory, which each leaves whole; operators plug in a third server.
import './drain.ts';
import './caretaker.ts';
import './operators.ts';
