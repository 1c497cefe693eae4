"""The machine: which node follows which. The picture in `docs/machine.md` is drawn from this file."""

# pyright: reportUnknownMemberType=false
# LangGraph's overloads are generic over types that it leaves open; ours are checked where values enter and leave.

from typing import TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.engine import Engine
from agent.nodes.act import act
from agent.nodes.ask import ask
from agent.nodes.compact import compact
from agent.nodes.finish import finish
from agent.nodes.model import call_model
from agent.nodes.prepare import prepare
from agent.nodes.repair import repair
from agent.nodes.route import after_act, after_compact, after_finish, after_model, after_prepare, goes_on
from agent.state import GraphState

Machine: TypeAlias = CompiledStateGraph[GraphState, Engine, GraphState, GraphState]


def build_graph(checkpointer: BaseCheckpointSaver[int] | None = None) -> Machine:
    """The compiled machine of one session."""
    graph = StateGraph(GraphState, context_schema=Engine)
    graph.add_node("prepare", prepare)
    graph.add_node("compact", compact)
    graph.add_node("model", call_model)
    graph.add_node("repair", repair)
    graph.add_node("ask", ask)
    graph.add_node("act", act)
    graph.add_node("finish", finish)
    graph.add_edge(START, "prepare")
    graph.add_conditional_edges("prepare", after_prepare, {"model": "model", "compact": "compact", "finish": "finish"})
    graph.add_conditional_edges("compact", after_compact, {"prepare": "prepare", "model": "model", "finish": "finish"})
    graph.add_conditional_edges(
        "model",
        after_model,
        {"repair": "repair", "compact": "compact", "ask": "ask", "act": "act", "finish": "finish"},
    )
    graph.add_conditional_edges("repair", goes_on("prepare"), {"prepare": "prepare", "finish": "finish"})
    graph.add_conditional_edges("ask", goes_on("act"), {"act": "act", "finish": "finish"})
    graph.add_conditional_edges("act", after_act, {"ask": "ask", "prepare": "prepare", "finish": "finish"})
    graph.add_conditional_edges("finish", after_finish, {"prepare": "prepare", "end": END})
    return graph.compile(checkpointer=checkpointer)
